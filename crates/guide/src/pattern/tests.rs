use super::*;

fn same(pattern: &str, printed: &str) -> bool {
    Pattern::parse(pattern).unwrap().compare(printed.lines()).is_ok()
}

#[test]
fn ages_addresses_and_suffixes_may_differ() {
    let pattern = "NAME ENDPOINTS AGE\nnumbers-api …:8080,…:8080 …";
    assert!(same(
        pattern,
        "NAME          ENDPOINTS                         AGE\nnumbers-api   10.1.0.4:8080,10.1.0.5:8080   8s\n"
    ));
    assert!(same(
        "numbers-api-… 0/1 Running 0 …",
        "numbers-api-6c9f4d8b7-x2k9z   0/1   Running   0   2m10s"
    ));
}

#[test]
fn anything_else_may_not() {
    for (pattern, printed) in [
        (
            "numbers-api …:8080 …",
            "numbers-api 10.1.0.4:8080,10.1.0.5:8080 8s",
        ),
        ("numbers-api …:8080 …", "numbers-api 8s"),
        ("numbers-api …", "numbers-api 10.1.0.4:8080 8s"),
        ("http://…:8013", "http://10.1.0.4 VIP:8013"),
        ("#", "abc"),
        ("#", ""),
        ("#", "1\n2"),
        ("a\nb", "a"),
        ("Ok | {\"message\":\"Unhealthy\"}", "OkOk"),
        ("a.c", "abc"),
    ] {
        assert!(!same(pattern, printed), "{pattern:?} matched {printed:?}");
    }
}

#[test]
fn a_line_may_have_two_forms() {
    for printed in ["Ok", "{\"message\":\"Unhealthy\"}"] {
        assert!(same("Ok | {\"message\":\"Unhealthy\"}", printed));
    }
}

#[test]
fn a_gap_stands_for_any_number_of_lines() {
    for printed in ["a\nb", "a\nx\ny\nb", "a\nx\nb\nb"] {
        assert!(same("a\n...\nb\n...", printed), "{printed:?}");
    }
    assert!(same("a\n...\nb", "a\nb\nx\nb"));
    assert!(same("a\n...\nb\nc\n...\nd", "a\nb\nx\nb\nc\nc\nd"));
    assert!(!same("a\n...\nb", "a\nx"));
    assert!(!same("a\n...\nb", "x\na\nb"));
    assert!(!same("a\n...\nb", "a\nb\nc"));
    let among = Pattern::parse("b\nd").unwrap().among_others();
    assert!(among.compare(["a", "b", "c", "d", "e"]).is_ok());
    assert!(among.compare(["d", "b"]).is_err());
}

#[test]
fn the_lines_that_the_guide_shows_are_told_from_those_of_a_gap() {
    for (pattern, printed, shown) in [
        ("a\nb", "a\nb", vec![0, 1]),
        ("...\nb\n...", "a\n\nb\nc", vec![2]),
        ("a\n...\nb", "a\nb\nx\nb", vec![0, 3]),
        ("...\nb\n...\nd", "a\nb\nc", vec![1]),
        ("Warning: x\na", "Warning: x\na", vec![1]),
        ("Warning: x\na", "a", vec![0]),
        // No longer as it should be.
        ("a\nb", "a\nc", vec![]),
        ("a", "", vec![]),
    ] {
        let pattern = Pattern::parse(pattern).unwrap();
        assert_eq!(pattern.shown(printed.lines()), shown, "{pattern:?} {printed:?}");
    }
    let among = Pattern::parse("b 1\nb 2").unwrap().among_others();
    assert_eq!(among.shown(["b 0", "b 1", "c", "b 2", "d"]), [1, 3]);
}

#[test]
fn a_warning_may_be_missing_but_no_other_may_come() {
    let pattern = "a\nWarning: b is old\nc";
    assert!(same(pattern, "a\nWarning: b is old\nc"));
    assert!(same(pattern, "a\nc"));
    assert!(!same(pattern, "a\nWarning: c is old\nc"));
    assert!(!same(pattern, "a\nWarning: b is old"));
    assert!(!same("a\nc", "a\nWarning: b is old\nc"));
    assert!(same("...\nWarning: b is old\nc", "a\nWarning: b is old\nc"));
    assert!(same("...\nWarning: b is old\nc", "a\nc"));
}

#[test]
fn two_ellipses_stand_for_any_text() {
    assert!(same(
        "……Allocated ~#MiB……",
        r#"{"message": "Allocated ~30MiB", "limit": 1}"#
    ));
    assert!(!same("……Allocated ~#MiB", r#"{"message":"Allocated ~30MiB"}"#));
    let pattern = Pattern::parse("……Allocated ~#MiB……").unwrap();
    assert_eq!(
        pattern.number(r#"{"at":7,"message":"Allocated ~30MiB"}"#),
        Some(30)
    );
    assert_eq!(pattern.number("killed"), None);
}

#[test]
fn a_pattern_that_says_nothing_is_refused() {
    for empty in [
        "",
        "\n \n",
        "…",
        "a\n… …",
        "Ok | …",
        "...",
        "……",
        "...\n……",
        "Warning: a",
    ] {
        assert!(Pattern::parse(empty).is_err(), "{empty:?}");
    }
}

#[test]
fn the_furthest_difference_is_told() {
    for (pattern, printed, expected, instead) in [
        ("a\nb", "a\nc", Some("b"), Some("c")),
        ("a\nb", "a", Some("b"), None),
        ("a\nb", "a\nb\nc", None, Some("c")),
        ("a\n...\nb", "a\nx\ny", Some("b"), None),
        ("a\n...\nb\nc", "a\nx\nb\ny\nz", Some("c"), Some("y")),
        ("a\n...\nb\nc", "a\nx\nb", Some("c"), None),
        ("a\n...\nb", "a\nb\nc", None, Some("c")),
        ("a\nWarning: b\nc", "a\nd", Some("c"), Some("d")),
        ("...\nWarning: b\nc", "a\nd", Some("c"), None),
    ] {
        let told = Pattern::parse(pattern).unwrap().compare(printed.lines());
        let difference = Difference {
            expected: expected.map(str::to_owned),
            printed: instead.map(str::to_owned),
        };
        assert_eq!(told, Err(difference), "{pattern:?} {printed:?}");
    }
}
