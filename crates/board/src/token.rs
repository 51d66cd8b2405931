//! The token by which a browser shows that the board's address was given to it.

use std::fmt;

/// 128 random bits, as 32 hexadecimal digits.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self(hex::encode(rand::random::<[u8; 16]>()))
    }

    /// Whether this is it. Takes as long for each wrong text of the same length.
    pub(crate) fn is(&self, text: &str) -> bool {
        let differ = self
            .0
            .bytes()
            .zip(text.bytes())
            .fold(0, |differ, (one, other)| differ | (one ^ other));
        differ == 0 && text.len() == self.0.len()
    }

    /// The token itself, for an address or a cookie.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_128_bits_and_nothing_else_is_it() {
        let token = Token::new();
        let text = token.reveal().to_owned();
        assert_eq!(text.len(), 32);
        assert!(token.is(&text) && !Token::new().is(&text));
        for wrong in ["", &text[1..], &format!("{text}0"), &"0".repeat(32)] {
            assert!(!token.is(wrong), "{wrong}");
        }
        assert!(!format!("{token:?}").contains(&text));
    }
}
