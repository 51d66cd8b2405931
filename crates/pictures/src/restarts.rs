//! Restarts that come more and more slowly: a program that ends by itself, and one that a probe ends.

use guide::{Language, Message};

use crate::{
    axis::{Axis, BAND},
    canvas::{Anchor, Canvas, Drawn, MARGIN, WIDTH},
    caption,
    letters::width,
    recording::{PodSeen, Recording, State},
};

/// How long is shown, in minutes.
const MINUTES: f64 = 10.0;
/// The shortest pause, in seconds; each one after it is at least twice as long.
const FIRST_PAUSE: f64 = 10.0;
/// The status column's height, and what it has of it while the container runs, has ended, and is waited for.
const STATUS: f64 = 15.0;

/// Draws it; none if one of the programs was not restarted twice.
pub(crate) fn draw(recording: &Recording, language: Language) -> Option<Drawn> {
    let axis = Axis::new(0.0, MINUTES);
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-restarts");
    let mut y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title) + 12.0;
    let rows = [
        ("memory-allocator", Message::new("picture-ends-itself")),
        ("todo-db", Message::new("picture-probe-ends")),
    ];
    let mut before_first = vec![];
    for (program, word) in rows {
        let of_program = recording.pods.iter().filter(|seen| seen.pod.starts_with(program));
        let pod = &of_program.max_by_key(|seen| seen.restarts)?.pod;
        let name = Message::Verbatim(program.into());
        Axis::title(&mut canvas, y, &name, Some(&word));
        // The numbers of the pauses have a line of their own.
        let band = Axis::band(&mut canvas, y + 28.0);
        before_first.push(runs(&mut canvas, &axis, band, recording, pod)?);
        let states: Vec<_> = recording.of(pod).collect();
        status(&mut canvas, &axis, band + BAND + 5.0, &states);
        y = band + BAND + STATUS + 33.0;
    }
    y = axis.draw(&mut canvas, y - 22.0, 1.0, &Message::new("picture-minutes"));
    y = key(&mut canvas, y);
    let at_end = |index: usize| before_first.get(index).copied().unwrap_or(0);
    let says = Message::new("picture-restarts-says")
        .with("itself", at_end(0))
        .with("probe", at_end(1));
    y = canvas.paragraph(MARGIN, y + 6.0, WIDTH - 2.0 * MARGIN, "", &says) + 4.0;
    let height = caption::recorded(&mut canvas, y + 4.0, recording);
    let description = Message::new("picture-restarts-description")
        .with("itself", at_end(0))
        .with("probe", at_end(1));
    Some(canvas.finish(height, &title, &description))
}

/// The runs as bars and the pauses between them: solid the least one, hatched what came on top. Gives after which end the
/// first pause came.
fn runs(canvas: &mut Canvas, axis: &Axis, band: f64, recording: &Recording, pod: &str) -> Option<usize> {
    let runs = recording.runs(pod);
    let mut first = None;
    for (index, run) in runs.iter().enumerate() {
        // Both times are whole seconds of the cluster's, so their difference is true to one.
        let began = run.began.after / 60.0;
        let ended = run.ended.as_ref().map(|(ended, _)| ended.after / 60.0);
        axis.part(
            canvas,
            band,
            "calm",
            began,
            ended.unwrap_or(MINUTES),
            &Message::Verbatim(String::new()),
        );
        let (Some(ended), Some(next)) = (ended, runs.get(index + 1)) else {
            continue;
        };
        let pause = next.began.after - ended * 60.0;
        if pause < FIRST_PAUSE {
            continue;
        }
        first = first.or(Some(index + 1));
        let mut least = FIRST_PAUSE;
        while least * 2.0 <= pause {
            least *= 2.0;
        }
        axis.between(canvas, band, ended + least / 60.0, next.began.after / 60.0);
        let middle = f64::midpoint(axis.x(ended), axis.x(next.began.after / 60.0));
        let text = format!("{pause:.0}");
        canvas.text(middle, band - 6.0, Anchor::Middle, "small", &text);
    }
    first
}

/// What `kubectl get pods` would have said.
fn status(canvas: &mut Canvas, axis: &Axis, y: f64, states: &[&PodSeen]) {
    for (index, seen) in states.iter().enumerate() {
        let until = states.get(index + 1).map_or(f64::MAX, |next| next.at);
        let (left, right) = (axis.x(seen.at / 60.0), axis.x(until / 60.0));
        let Some((class, high)) = look(seen.state, &seen.reason) else {
            continue;
        };
        canvas.rect(
            class,
            [left, y + STATUS - high, (right - left).max(0.5), high],
            0.0,
        );
    }
}

/// How a status is drawn; none for what is there for an instant before the first run.
fn look(state: State, reason: &str) -> Option<(&'static str, f64)> {
    match state {
        State::Running => Some(("calm", STATUS)),
        State::Ended => Some(("bad", STATUS * 0.6)),
        State::Waiting if reason == "CrashLoopBackOff" => Some(("wait", STATUS * 0.3)),
        State::Waiting => None,
    }
}

/// What the heights and colours of the status stand for.
fn key(canvas: &mut Canvas, y: f64) -> f64 {
    let mut x = MARGIN;
    for (state, reason, name) in [
        (State::Running, "", "Running"),
        (State::Ended, "", "OOMKilled"),
        (State::Waiting, "CrashLoopBackOff", "CrashLoopBackOff"),
    ] {
        if let Some((class, high)) = look(state, reason) {
            canvas.rect(class, [x, y + 2.0 - high, 16.0, high], 0.0);
        }
        canvas.text(x + 22.0, y + 2.0, Anchor::Start, "small", name);
        x += width(name, "small") + 38.0;
    }
    y + 24.0
}
