//! How a service of this lab starts, reports and stops.
