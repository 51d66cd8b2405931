//! Those who watch: many, slow ones, and until the end.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
};

use board::{Board, Outcome};
use guide::Language;
use serde_json::Value;
use testkit::{DEADLINE, connect, eventually_async};

use crate::{
    scene::{Scene, one_is_out},
    served::Served,
};

/// A viewer, and what it gets.
struct Viewer(BufReader<TcpStream>);

impl Viewer {
    fn of(board: &Served) -> Self {
        let mut stream = connect(board.address).unwrap();
        write!(
            stream,
            "GET /events?token={} HTTP/1.1\r\nHost: {}\r\n\r\n",
            board.token(),
            board.address
        )
        .unwrap();
        Self(BufReader::new(stream))
    }

    /// The next update; none at the end.
    fn next(&mut self) -> Option<Value> {
        Some(serde_json::from_str(&self.line()?).unwrap())
    }

    /// The next update as it came.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(data.to_owned());
            }
        }
    }
}

/// With a request more in each frame, so that each has a part that is new.
fn another(scene: &mut Scene, board: &mut Board, served: &Served) {
    let more = Scene::of("numbers-api", &[]).with_requests("numbers-api", &[(Outcome::Refused, None)]);
    let request = more.asked[0].answers().next().unwrap().clone();
    scene.asked[0].push(request);
    served.frames.send_replace(scene.frame(board, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_see_a_change_and_only_the_part_that_changed() {
    let (mut scene, mut board) = (one_is_out(), Board::new(String::new(), Language::En));
    let served = Served::start(scene.frame(&mut board, None), Language::En);
    let mut viewers: Vec<_> = (0..200).map(|_| Viewer::of(&served)).collect();
    for viewer in &mut viewers {
        let first = viewer.next().unwrap();
        assert_eq!(first["parts"].as_object().unwrap().len(), 4);
    }
    another(&mut scene, &mut board, &served);
    for viewer in &mut viewers {
        let parts = viewer.next().unwrap()["parts"].as_object().unwrap().clone();
        assert_eq!(parts.keys().collect::<Vec<_>>(), ["requests"]);
        assert!(parts["requests"].as_str().unwrap().contains("2 of 3 failed"));
    }
    // Nothing new is told too: that the board lives.
    served.frames.send_replace(scene.frame(&mut board, None));
    assert!(
        viewers[0].next().unwrap()["parts"]
            .as_object()
            .unwrap()
            .is_empty()
    );
    drop(viewers);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_end_when_the_board_does() {
    let served = Served::start(one_is_out().shown(), Language::En);
    let mut viewer = Viewer::of(&served);
    viewer.next().unwrap();
    served.stop().await.unwrap();
    assert_eq!(viewer.next(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_dropped_and_the_others_are_not() {
    // Large parts fill what sockets hold.
    let (mut board, mut scenes) = (Board::new(String::new(), Language::En), vec![]);
    for service in ["a", "b"] {
        let mut scene = Scene::of(service, &[]);
        for number in 0..3000 {
            let name = format!("{service}{number}-{}", "x".repeat(240));
            scene.services.extend(Scene::of(&name, &[]).services);
        }
        scenes.push(scene.frame(&mut board, None));
    }
    let served = Served::start(scenes[0].clone(), Language::En);
    let mut reads = Viewer::of(&served);
    let mut sleeps = Viewer::of(&served);
    sleeps.line().unwrap();
    let mut turn = 0;
    let dropped = |viewer: &Viewer| {
        // Written to after its end, a connection that was dropped is reset; one that lives takes it.
        let mut stream = viewer.0.get_ref();
        stream
            .write_all(b" ")
            .is_err_and(|error| matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset))
    };
    eventually_async("the one that does not read is dropped", DEADLINE, || {
        turn += 1;
        served.frames.send_replace(scenes[turn % 2].clone());
        let gone = dropped(&sleeps);
        assert!(reads.line().is_some(), "the one that reads was dropped");
        async move { gone }
    })
    .await;
    let mut rest = vec![];
    let _ = sleeps.0.read_to_end(&mut rest);
}
