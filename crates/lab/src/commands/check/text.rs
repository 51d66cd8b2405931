//! What `lab check` has to say, for people.

use std::fmt::Write;

use console::Style;
use guide::{Language, Message};
use report::paragraph;

use super::report::{CheckReport, GoalLine};

pub(crate) fn all(reports: &[CheckReport], language: Language) -> String {
    let reports: Vec<_> = reports.iter().map(|report| one(report, language)).collect();
    reports.join("\n")
}

fn one(report: &CheckReport, language: Language) -> String {
    let mut text = standing(report, language);
    next(&mut text, report, &language.tell(&Message::new("check-next")));
    text
}

/// Where the learner stands, without what comes next.
pub(crate) fn standing(report: &CheckReport, language: Language) -> String {
    let tell = |message| language.tell(&message);
    let mut text = verdict(report);
    for finding in &report.findings {
        add(&mut text, &paragraph(&mark(report.wrong), &finding.text));
    }
    if !report.wrong || report.findings.is_empty() {
        for seen in &report.seen {
            add(&mut text, &paragraph("✓ ", seen));
        }
    }
    goals(&mut text, &report.goals);
    missing(&mut text, report, language);
    if let Some(lasting) = &report.lasting {
        add(&mut text, &paragraph("  ", lasting));
    }
    for hint in &report.hints {
        add(
            &mut text,
            &paragraph(&format!("{}: ", tell(Message::new("check-hint"))), hint),
        );
    }
    if report.wrong && report.hints.is_empty() {
        add(&mut text, &paragraph("", &tell(Message::new("check-hint-how"))));
    }
    if let Some(go_on) = &report.go_on {
        add(&mut text, &paragraph("", go_on));
    }
    text
}

/// The verdict, and the commands that come next.
pub(crate) fn commands(report: &CheckReport, language: Language) -> String {
    let mut text = verdict(report);
    next(&mut text, report, &language.tell(&Message::new("check-next")));
    text
}

/// Which exercise, where, and how it stands.
fn verdict(report: &CheckReport) -> String {
    let mut text = format!(
        "{}\n{}\n\n",
        Style::new().bold().apply_to(report.heading()),
        report.place
    );
    let verdict = match (report.wrong, report.look_again_seconds) {
        (true, _) => Style::new().red().bold(),
        (false, Some(_)) => Style::new().yellow().bold(),
        (false, None) => Style::new().green().bold(),
    };
    for line in paragraph("", &report.verdict).lines() {
        add(&mut text, &verdict.apply_to(line).to_string());
    }
    text
}

fn mark(wrong: bool) -> String {
    if wrong { "✗ ".into() } else { "· ".into() }
}

/// The parts of a task, each with what there is and, where that is not enough, why.
pub(super) fn goals(text: &mut String, goals: &[GoalLine]) {
    for goal in goals {
        let mark = match goal.outcome {
            "met" | "seen-before" => "✓ ",
            "missed" => "✗ ",
            "under-way" => "… ",
            _ => "? ",
        };
        add(text, &paragraph(mark, &goal.goal));
        if goal.outcome != "seen-before" {
            add(text, &paragraph("  ", &goal.observed));
        }
        if let Some(reason) = &goal.reason {
            add(text, &paragraph("  → ", reason));
        }
    }
}

/// What is not so; where something is wrong with an object, that comes first and the rest follows from it.
fn missing(text: &mut String, report: &CheckReport, language: Language) {
    if report.wrong_object {
        return;
    }
    for missing in &report.missing {
        for (caption, said) in [
            (Message::new("check-not-yet"), Some(&missing.text)),
            (Message::new("check-observed"), missing.observed.as_ref()),
        ] {
            let Some(said) = said else { continue };
            let caption = language.tell(&caption);
            let label = console::pad_str(&caption, 11, console::Alignment::Left, None);
            add(text, &paragraph(&label, said));
        }
    }
}

fn next(text: &mut String, report: &CheckReport, caption: &str) {
    let Some(first) = report.next.first() else {
        return;
    };
    add(
        text,
        &format!("\n{}", paragraph("", &format!("{caption} ({})", first.guide))),
    );
    for step in &report.next {
        for command in &step.commands {
            for (index, line) in command.lines().enumerate() {
                add(text, &format!("  {} {line}", if index == 0 { '$' } else { ' ' }));
            }
        }
    }
}

pub(super) fn add(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
