//! How wide letters are, without a font: whoever looks at a picture has one of their own.

use unicode_width::UnicodeWidthChar;

/// The size of letters, by the class of their text.
fn size(class: &str) -> f64 {
    let is = |name| class.split(' ').any(|class| class == name);
    if is("head") {
        18.0
    } else if is("small") || is("code") || is("on") {
        15.0
    } else {
        16.0
    }
}

/// How wide a text is, rather too much than too little.
pub(crate) fn width(text: &str, class: &str) -> f64 {
    let is = |name| class.split(' ').any(|class| class == name);
    let bold = if is("head") || is("strong") || is("on") {
        1.13
    } else {
        1.0
    };
    let letters = text.chars().map(|letter| match letter {
        _ if letter.width() == Some(2) => 0.98,
        _ if is("code") => 0.61,
        ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | 'i' | 'l' | 'j' | '!' | '/' | '(' | ')' | '[' | ']'
        | '·' => 0.34,
        'f' | 't' | 'r' | 'I' | '-' | '"' => 0.42,
        'm' | 'w' | 'M' | 'W' | '→' | '…' => 0.97,
        'A'..='Z' => 0.72,
        _ => 0.62,
    });
    letters.sum::<f64>() * size(class) * bold
}

/// A text in lines of at most such a width, broken between words.
pub(crate) fn fold(text: &str, wide: f64, class: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if line.is_empty() || width(&longer, class) <= wide {
            *line = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_is_wider_and_bold_too() {
        assert!(width("준비", "") > 1.5 * width("ab", ""));
        assert!(width("ab", "head") > width("ab", ""));
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(
            fold("one two three", width("one two", ""), ""),
            ["one two", "three"]
        );
        assert_eq!(fold("unbreakable", 1.0, ""), ["unbreakable"]);
    }
}
