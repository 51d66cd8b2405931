//! Who takes a broken pod out of traffic: from a failed probe to a caller who meets no error any more.

use guide::{Language, Message};

use crate::{
    axis::{Axis, BAND, NEXT},
    canvas::{Anchor, Canvas, Drawn, MARGIN, WIDTH},
    caption,
    recording::{Called, Probe, Recording},
};

/// What is shown before the call that breaks the pod, and after the last error, in seconds.
const BEFORE: f64 = 1.0;
const AFTER: f64 = 3.5;
/// The status of a broken pod.
const BROKEN: u16 = 500;

/// Draws it; none if the recording does not show a pod that leaves the traffic.
pub(crate) fn draw(recording: &Recording, language: Language) -> Option<Drawn> {
    let change = recording.pods.iter().find(|seen| {
        let was_ready = |before: &crate::recording::PodSeen| before.at < seen.at && before.ready;
        !seen.ready && recording.of(&seen.pod).any(was_ready)
    })?;
    let pod = &change.pod;
    // The call that broke it is the last one before it was found out.
    let mut calls = recording
        .commands
        .iter()
        .filter(|typed| typed.command.contains("/rng"));
    let broken = calls.rfind(|typed| typed.began < change.at)?.began;
    let since = |time: f64| time - broken;
    let mut probes = recording.probes.iter().filter(|probed| &probed.pod == pod);
    let probe = probes.find(|probed| !probed.success && probed.at > broken)?;
    let traffic = recording.traffic(pod, broken);
    let [_, (out, false), ..] = traffic[..] else {
        return None;
    };
    let failed = |Called(at, status): &&Called| (broken..out + AFTER).contains(at) && *status == BROKEN;
    let last_error = recording.calls.iter().rfind(failed)?.0;
    let good = recording.calls.iter().find(|call| call.0 > last_error)?.0;
    let open = recording.kept.iter().find(|calls| {
        let after = |Called(at, status): &Called| *at > good && *at < good + AFTER && *status == BROKEN;
        calls.first().is_some_and(|call| call.0 < out) && calls.iter().any(after)
    })?;

    let axis = Axis::new(-BEFORE, since(last_error) + AFTER);
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-traffic-title");
    let mut y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title) + 12.0;
    let mut bands = vec![];
    let mut lane = |canvas: &mut Canvas, name: Message, word: Option<Message>| {
        let band = Axis::lane(canvas, y, &name, word.as_ref());
        bands.push(band);
        y = band + NEXT;
        band
    };
    let moment = |time: f64| Message::new("picture-at").with("seconds", format!("{:.2}", since(time)));

    let band = lane(&mut canvas, Message::new("picture-caller"), None);
    canvas.success(axis.x(0.0), band + BAND / 2.0);
    canvas.say(
        axis.x(0.0) + 16.0,
        band + BAND / 2.0 + 5.0,
        Anchor::Start,
        "small",
        &Message::new("picture-rng"),
    );

    let band = lane(&mut canvas, Message::new("picture-kubelet"), None);
    let seen = f64::midpoint(since(probe.after), since(probe.at));
    for (time, success) in recording.probed(pod, Probe::Readiness, broken) {
        if axis.has(time) {
            canvas.mark(success, axis.x(time), band + BAND / 2.0);
        }
    }
    let (left, right, middle) = (axis.x(0.0) + 4.0, axis.x(seen) - 12.0, band + BAND / 2.0);
    canvas.arrow("ink", [left, middle + 9.0], [right, middle + 9.0]);
    let waits = Message::new("picture-waits").with("seconds", format!("{seen:.1}"));
    canvas.say(
        f64::midpoint(left, right),
        middle + 3.0,
        Anchor::Middle,
        "small",
        &waits,
    );

    let band = lane(&mut canvas, Message::new("picture-api"), Some(moment(change.at)));
    axis.part(
        &mut canvas,
        band,
        "good",
        -BEFORE,
        since(change.at),
        &Message::new("picture-ready"),
    );
    axis.part(
        &mut canvas,
        band,
        "bad",
        since(change.at),
        f64::MAX,
        &Message::new("picture-not-ready"),
    );

    let band = lane(&mut canvas, Message::new("picture-slice"), Some(moment(out)));
    axis.part(
        &mut canvas,
        band,
        "good",
        -BEFORE,
        since(out),
        &Message::new("picture-two-endpoints"),
    );
    axis.part(
        &mut canvas,
        band,
        "calm",
        since(out),
        f64::MAX,
        &Message::new("picture-one-endpoint"),
    );

    let by = Message::new("picture-by").with("seconds", format!("{:.2}", since(good)));
    let band = lane(&mut canvas, Message::new("picture-proxy"), Some(by));
    axis.part(
        &mut canvas,
        band,
        "good",
        -BEFORE,
        since(out.min(last_error)),
        &Message::new("picture-to-both"),
    );
    axis.between(&mut canvas, band, since(out.min(last_error)), since(good));
    axis.part(
        &mut canvas,
        band,
        "calm",
        since(good),
        f64::MAX,
        &Message::new("picture-to-one"),
    );

    let band = lane(
        &mut canvas,
        Message::new("picture-new-connections"),
        Some(Message::new("picture-tall")),
    );
    calls_in(&mut canvas, &axis, band, &recording.calls, broken);
    let band = lane(&mut canvas, Message::new("picture-open-connection"), None);
    calls_in(&mut canvas, &axis, band, open, broken);

    for band in &bands[1..] {
        axis.moment(&mut canvas, *band, 0.0);
    }
    y = axis.draw(
        &mut canvas,
        y - NEXT + BAND + 8.0,
        1.0,
        &Message::new("picture-seconds-after-call"),
    );
    let numbers = |sentence: Message| {
        sentence.with("waits", format!("{seen:.1}")).with(
            "rest",
            format!("{:.1}", (since(good) - since(probe.after)).max(0.1)),
        )
    };
    for sentence in [
        numbers(Message::new("picture-traffic-chain")),
        Message::new("picture-traffic-open"),
    ] {
        y = canvas.paragraph(MARGIN, y, WIDTH - 2.0 * MARGIN, "", &sentence) + 4.0;
    }
    let height = caption::recorded(&mut canvas, y + 4.0, recording);
    Some(canvas.finish(
        height,
        &title,
        &numbers(Message::new("picture-traffic-description")),
    ))
}

/// Calls as strokes: short and round for an answer, tall for an error.
fn calls_in(canvas: &mut Canvas, axis: &Axis, band: f64, calls: &[Called], broken: f64) {
    let middle = band + BAND / 2.0;
    for Called(at, status) in calls {
        let x = axis.x(at - broken);
        if !(MARGIN + 3.0..=WIDTH - MARGIN - 3.0).contains(&x) {
            continue;
        }
        if *status == BROKEN {
            canvas.rect("bad", [x - 1.5, middle - 12.0, 3.0, 24.0], 0.0);
        } else {
            canvas.rect("good", [x - 1.8, middle - 3.0, 3.6, 6.0], 1.8);
        }
    }
}
