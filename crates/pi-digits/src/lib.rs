//! Decimals of pi.
