//! CPU time in the kernel's periods: the same work without a limit and with one.

use guide::{Language, Message};

use crate::{
    axis::Axis,
    canvas::{Anchor, Canvas, Drawn, MARGIN, WIDTH},
    caption,
    recording::{Cost, Recording, Typed, Used},
};

/// How high a processor is.
const HIGH: f64 = 64.0;
/// How much longer than the longer computation is shown, in seconds.
const AFTER: f64 = 0.1;
/// The kernel's period, in seconds.
const PERIOD: f64 = 0.1;

/// Draws it; none if there are not two computations.
pub(crate) fn draw(recording: &Recording, language: Language) -> Option<Drawn> {
    let asked: Vec<_> = recording
        .commands
        .iter()
        .filter_map(|typed| Some((typed, typed.cost?)))
        .collect();
    let [free, limited] = &asked[..] else { return None };
    let longest = free.1.wall_seconds.max(limited.1.wall_seconds);
    let axis = Axis::new(0.0, longest + AFTER);
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-cpu");
    let mut y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title) + 12.0;
    let names = [
        Message::new("picture-cpu-free"),
        Message::new("picture-cpu-limited"),
    ];
    for (name, (typed, _)) in names.iter().zip(&asked) {
        canvas.say(MARGIN, y, Anchor::Start, "strong", name);
        used(&mut canvas, &axis, y + 9.0, recording, typed)?;
        y += HIGH + 36.0;
    }
    y = axis.draw(&mut canvas, y - 18.0, 0.5, &Message::new("picture-cpu-axis"));
    y = canvas.paragraph(
        MARGIN,
        y,
        WIDTH - 2.0 * MARGIN,
        "",
        &Message::new("picture-cpu-period"),
    ) + 14.0;
    for (name, (_, cost)) in names.iter().zip(&asked) {
        y = bar(&mut canvas, y, longest, name, *cost);
    }
    let numbers = |says: Message| {
        says.with("free", seconds(free.1.wall_seconds))
            .with("limited", seconds(limited.1.wall_seconds))
            .with("work", seconds(limited.1.cpu_seconds))
    };
    y = canvas.paragraph(
        MARGIN,
        y + 4.0,
        WIDTH - 2.0 * MARGIN,
        "",
        &numbers(Message::new("picture-cpu-says")),
    ) + 4.0;
    let height = caption::recorded(&mut canvas, y + 4.0, recording);
    let description = numbers(Message::new("picture-cpu-description"));
    Some(canvas.finish(height, &title, &description))
}

fn seconds(time: f64) -> String {
    format!("{time:.1}")
}

/// How much of a processor was used between each two looks during a command.
fn used(canvas: &mut Canvas, axis: &Axis, y: f64, recording: &Recording, typed: &Typed) -> Option<()> {
    let looks = recording.used.iter();
    let looks: Vec<_> = looks
        .filter(|Used(at, _)| (typed.began..typed.ended).contains(at))
        .collect();
    let begin = looks.first()?.0;
    canvas.rect("band", [MARGIN, y, WIDTH - 2.0 * MARGIN, HIGH], 0.0);
    for pair in looks.windows(2) {
        let [Used(from, before), Used(to, after)] = pair else {
            continue;
        };
        let share = (after - before) / (to - from).max(0.001);
        // Counters that are read a moment late show a share above one.
        let high = share.clamp(0.0, 1.0) * HIGH;
        let (left, right) = (axis.x(from - begin), axis.x(to - begin));
        if high > 0.5 {
            canvas.rect(
                "calm",
                [left, y + HIGH - high, (right - left).max(0.5), high],
                0.0,
            );
        }
    }
    // As long as the kernel's periods, which begin whenever they do.
    let mut mark = 0.0;
    while axis.has(mark) {
        canvas.line("rule", [axis.x(mark), y], [axis.x(mark), y + HIGH]);
        mark += PERIOD;
    }
    Some(())
}

/// A computation as a bar: what it worked, and what it waited.
fn bar(canvas: &mut Canvas, y: f64, longest: f64, name: &Message, cost: Cost) -> f64 {
    let scale = (WIDTH - 2.0 * MARGIN) / longest;
    let (work, wall) = (cost.cpu_seconds * scale, cost.wall_seconds * scale);
    canvas.say(MARGIN, y, Anchor::Start, "strong", name);
    let top = y + 9.0;
    canvas.rect("calm", [MARGIN, top, work, 26.0], 0.0);
    canvas.rect(
        "wait",
        [MARGIN + work, top + 8.0, (wall - work).max(0.0), 10.0],
        0.0,
    );
    let says = Message::new("picture-cpu-parts")
        .with("work", format!("{:.2}", cost.cpu_seconds))
        .with("waited", format!("{:.2}", cost.wall_seconds - cost.cpu_seconds));
    canvas.say(MARGIN, top + 44.0, Anchor::Start, "small", &says);
    top + 72.0
}
