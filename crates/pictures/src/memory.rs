//! Memory over time: a ramp without a limit, and saw-teeth below one.

use guide::{Language, Message};

use crate::{
    axis::Axis,
    canvas::{Anchor, Canvas, Drawn, MARGIN, WIDTH},
    caption,
    recording::{Allocated, Recording},
};

/// How high the plot is.
const HIGH: f64 = 190.0;

/// Draws it; none if nobody was killed.
pub(crate) fn draw(recording: &Recording, language: Language) -> Option<Drawn> {
    let pods = |limited: bool| {
        let all = recording.allocated.iter();
        let of_kind: Vec<_> = all
            .filter(|line| line.limit.is_some() == limited)
            .copied()
            .collect();
        of_kind
    };
    let (free, limited) = (pods(false), pods(true));
    let limit = limited.first()?.limit?;
    let changed = recording.typed("memory-allocator-with-limit", 0.0)?;
    let pod = &recording.pods.iter().find(|seen| seen.restarts > 0)?.pod;
    let runs = recording.runs(pod);
    let killed: Vec<_> = runs
        .iter()
        .filter_map(|run| run.ended.as_ref())
        .filter(|(_, reason)| reason == "OOMKilled")
        .map(|(when, _)| *when)
        .collect();
    let last = limited.last()?.at.max(killed.last()?.by) + 6.0;
    let largest = free.last()?.mib.max(limit);
    let most = f64::from(largest) * 1.15;

    let axis = Axis::new(0.0, last);
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-memory");
    let y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title) + 4.0;
    let bottom = y + HIGH;
    let height_of = |mib: f64| bottom - mib / most * HIGH;
    canvas.rect("band", [MARGIN, y, WIDTH - 2.0 * MARGIN, HIGH], 4.0);

    let line = height_of(f64::from(limit));
    let since = axis.x(changed.ended);
    canvas.line("badline dashed", [since, line], [WIDTH - MARGIN, line]);
    let says = Message::new("picture-limit").with("mib", limit);
    canvas.say(WIDTH - MARGIN - 4.0, line - 24.0, Anchor::End, "small", &says);

    let first_end = recording
        .pods
        .iter()
        .find(|seen| seen.pod != *pod && seen.state == crate::recording::State::Ended);
    let stopped = first_end.map_or(changed.ended, |seen| seen.at);
    steps(&mut canvas, &axis, &height_of, &free, stopped);
    let reached = free.last()?;
    let says = Message::new("picture-no-limit").with("mib", reached.mib);
    canvas.say(
        MARGIN + 6.0,
        height_of(f64::from(reached.mib)) - 10.0,
        Anchor::Start,
        "small",
        &says,
    );
    for (index, when) in killed.iter().enumerate() {
        let from = if index == 0 { 0.0 } else { killed[index - 1].by };
        let run: Vec<_> = limited
            .iter()
            .filter(|line| (from..when.by).contains(&line.at))
            .copied()
            .collect();
        steps(&mut canvas, &axis, &height_of, &run, when.by);
        if let Some(line_before) = run.last() {
            let x = axis.x(when.by);
            canvas.line(
                "ink dashed",
                [x, height_of(f64::from(line_before.mib))],
                [x, line],
            );
            canvas.failure(x, line);
        }
        let next = limited.iter().find(|line| line.at > when.by);
        if let Some(next) = next.filter(|next| next.at - when.by > 5.0) {
            let middle = f64::midpoint(axis.x(when.by), axis.x(next.at));
            let pause = format!("{:.0}", next.at - when.after);
            canvas.text(middle, bottom - 8.0, Anchor::Middle, "small soft", &pause);
        }
    }
    let after: Vec<_> = limited
        .iter()
        .filter(|line| Some(line.at) > killed.last().map(|when| when.by))
        .copied()
        .collect();
    steps(&mut canvas, &axis, &height_of, &after, last);

    let y = axis.draw(&mut canvas, bottom + 4.0, 30.0, &Message::new("picture-seconds"));
    let count = Message::new("picture-memory-says").with("count", killed.len());
    let y = canvas.paragraph(MARGIN, y, WIDTH - 2.0 * MARGIN, "", &count) + 4.0;
    let height = caption::recorded(&mut canvas, y + 4.0, recording);
    let description = Message::new("picture-memory-description")
        .with("reached", reached.mib)
        .with("limit", limit)
        .with("count", killed.len());
    Some(canvas.finish(height, &title, &description))
}

/// What was logged, each until the next line or the end.
fn steps(canvas: &mut Canvas, axis: &Axis, height_of: &impl Fn(f64) -> f64, lines: &[Allocated], end: f64) {
    let mut points = vec![];
    for (index, line) in lines.iter().enumerate() {
        let until = lines.get(index + 1).map_or(end, |next| next.at);
        let y = height_of(f64::from(line.mib));
        if index == 0 {
            points.push([axis.x(line.at), height_of(0.0)]);
        }
        points.extend([[axis.x(line.at), y], [axis.x(until), y]]);
    }
    canvas.polyline("ink", &points);
}
