//! The name of a namespace, as somebody types it.

/// The most characters that a label of DNS has (RFC 1123).
const MOST: usize = 63;

/// Refuses what no namespace can be called: it would be looked for in vain, or everywhere.
///
/// # Errors
/// It is no DNS label.
pub(crate) fn named(name: &str) -> Result<String, String> {
    let is_inner = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-');
    let is_label = (1..=MOST).contains(&name.len())
        && name.chars().all(is_inner)
        && !name.starts_with('-')
        && !name.ends_with('-');
    is_label.then(|| name.to_owned()).ok_or_else(|| {
        format!("a namespace's name has 1 to {MOST} of a-z, 0-9 and -, and neither begins nor ends with -")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_name_is_one() {
        for name in ["a", "kube-system", "0", &"a".repeat(MOST)] {
            assert_eq!(named(name).as_deref(), Ok(name));
        }
        for name in [
            "",
            " ",
            "../x",
            "Bad_NS",
            "-a",
            "a-",
            "a.b",
            "ü",
            &"a".repeat(MOST + 1),
        ] {
            assert!(named(name).is_err(), "{name:?}");
        }
    }
}
