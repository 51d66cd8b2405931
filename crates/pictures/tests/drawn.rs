//! The pictures in the guide's folder are those that the recordings give, and can be read.

use std::{fs, path::Path};

use pictures::{Label, Picture, TAKES, WIDTH, recording::Recording};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn pictures() -> Vec<Picture> {
    pictures::draw(root()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn each_picture_is_what_its_recording_gives() {
    let differ =
        |picture: &Picture| fs::read_to_string(root().join(&picture.file)).ok() != Some(picture.svg.clone());
    let wrong: Vec<_> = pictures()
        .into_iter()
        .filter(differ)
        .map(|picture| picture.file)
        .collect();
    assert!(
        wrong.is_empty(),
        "{wrong:?} differ from what the recordings give; `cargo lab pictures` draws them again"
    );
}

#[test]
fn a_recording_reads_back_as_it_was_written() {
    for take in &TAKES {
        let recording = Recording::load(root(), take.id).unwrap_or_else(|error| panic!("{error}"));
        let text = fs::read_to_string(pictures::recorded(root(), take.id)).unwrap();
        assert_eq!(recording.to_json().unwrap(), text, "{}", take.id);
        assert_eq!(recording.take, take.id);
    }
}

/// What is wrong with the texts of a picture: those that leave it, and pairs that meet.
fn unreadable(labels: &[Label], height: f64) -> Vec<String> {
    let mut wrong = vec![];
    for (index, label) in labels.iter().enumerate() {
        let [left, top, right, bottom] = label.edges;
        if left < 0.0 || top < 0.0 || right > WIDTH || bottom > height {
            wrong.push(format!("{:?} leaves the picture", label.text));
        }
        for other in &labels[..index] {
            let edges = other.edges;
            if left < edges[2] && edges[0] < right && top < edges[3] && edges[1] < bottom {
                wrong.push(format!("{:?} meets {:?}", label.text, other.text));
            }
        }
    }
    wrong
}

#[test]
fn no_text_leaves_its_picture_or_meets_another() {
    for picture in pictures() {
        let wrong = unreadable(&picture.labels, picture.height);
        assert!(wrong.is_empty(), "{}: {wrong:#?}", picture.file.display());
    }
}

#[test]
fn texts_that_cannot_be_read_are_found() {
    let label = |edges| Label {
        text: "a".into(),
        edges,
    };
    let beside = [label([0.0, 0.0, 9.0, 9.0]), label([10.0, 0.0, 19.0, 9.0])];
    assert!(unreadable(&beside, 20.0).is_empty());
    let across = [label([0.0, 0.0, 9.0, 9.0]), label([8.0, 8.0, 19.0, 19.0])];
    assert_eq!(unreadable(&across, 20.0).len(), 1);
    assert_eq!(unreadable(&[label([470.0, 0.0, 481.0, 9.0])], 20.0).len(), 1);
}
