//! What a person sees who explains a run to others.

use console::Style;

use super::*;

#[test]
fn a_command_stands_there_before_it_has_ended() {
    let events = [
        started(Language::En),
        begun("helm upgrade a b \\\n  --wait \\\n  --values c.yaml"),
    ];
    let text = draw(&events, PLAIN);
    assert!(
        text.ends_with("\n$ helm upgrade a b \\\n    --wait \\\n    --values c.yaml\n"),
        "{text}"
    );
}

const COLOUR: Look = Look {
    colour: true,
    unicode: true,
};

#[test]
fn what_the_guide_shows_is_bright_and_the_rest_dim() {
    let lines = |shown: &[usize], look| {
        let [_, mut event] = command("x", "one\n\ntwo\nthree\n", Some(0));
        if let Event::CommandFinished { shown: of_it, .. } = &mut event {
            *of_it = shown.to_vec();
        }
        draw(&[event], look)
    };
    let (bold, dim) = (
        |text| Style::new().bold().force_styling(true).apply_to(text),
        |text| Style::new().dim().force_styling(true).apply_to(text),
    );
    assert_eq!(
        lines(&[2], COLOUR),
        format!("{}\n\n{}\n{}\n", dim("  one"), bold("  two"), dim("  three"))
    );
    // Nothing stands out where nothing, or all of it, is the guide's.
    for shown in [&[][..], &[0, 2, 3]] {
        assert_eq!(lines(shown, COLOUR), "  one\n\n  two\n  three\n");
    }
    assert_eq!(lines(&[2], PLAIN), lines(&[], PLAIN));
}

#[test]
fn a_person_reads_what_the_guide_says_and_is_asked() {
    let says = "Ask for a number, once. ".repeat(8);
    let paused = Event::Paused {
        says: says.trim().into(),
    };
    let events = [paused.clone(), Event::Resumed { took: 3.0 }, begun("curl x")];
    // On a terminal the press of Enter ends the line too, and this is a blank one.
    let text = draw(&events, PLAIN);
    assert!(text.ends_with(" once.\nEnter goes on \n$ curl x\n"), "{text}");
    assert!(
        text.lines()
            .all(|line| console::measure_text_width(line) <= WIDTH),
        "{text}"
    );
    let stopped = draw(
        &[
            paused,
            Event::CleanupFinished {
                kept: vec![],
                took: 0.0,
            },
        ],
        PLAIN,
    );
    assert!(
        stopped.ends_with("Enter goes on \nRemoved what the exercise made\n"),
        "{stopped}"
    );
}
