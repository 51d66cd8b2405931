//! What a section leaves to try: an item on the page, in every language, and in `guide/proofs` what has to be seen of it.

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::{
    Goal, Language, Try,
    parse::{Fault, Item, Wrong, check},
    written::{goals_of, line},
};

/// The most items that a section may have: more than anybody tries.
const MOST: usize = 9;

/// An entry of the file.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The line of the file, from 1.
    line: usize,
    goals: Vec<Goal>,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    goals: Spanned<Vec<Spanned<Goal>>>,
}

/// Reads the entries.
pub(crate) fn read(written: Option<Spanned<Vec<Written>>>) -> Result<Vec<Entry>, Fault> {
    let Some(written) = written else {
        return Ok(vec![]);
    };
    if !(1..=MOST).contains(&written.value.len()) {
        return Err((
            line(&written),
            format!("tries: write 1 to {MOST} entries, or leave it out"),
        ));
    }
    let entry = |entry: Written| {
        let line = line(&entry.goals);
        let goals = goals_of(entry.goals)?;
        // What has to be so at the end would have to be looked at for ever.
        match goals.iter().find(|goal| !goal.passes()) {
            Some(goal) => Err((
                line,
                format!(
                    "a try is done once it was seen, and this has to last: {}",
                    goal.key()
                ),
            )),
            None => Ok(Entry { line, goals }),
        }
    };
    written.value.into_iter().map(entry).collect()
}

/// Each item of a page with its entry; below each stands the command that checks it.
pub(crate) fn of(
    entries: Vec<Entry>,
    items: Vec<Item>,
    id: &str,
    language: Language,
) -> Result<Vec<Try>, Wrong> {
    if let Some(entry) = entries.get(items.len()) {
        let number = items.len() + 1;
        let file = format!("{}/{id}.md", language.folder());
        let message = format!("{file} has no item {number} to try; it has {}", items.len());
        return Err(Wrong::Results((entry.line, message)));
    }
    let mut entries = entries.into_iter();
    let mut tries = vec![];
    for (number, item) in (1..).zip(items) {
        let Some(entry) = entries.next() else {
            let message =
                format!("nothing checks this: give item {number} an entry under tries in guide/proofs");
            return Err(Wrong::Page((item.line, message)));
        };
        let wanted = check(id, number, language);
        match item.checks.as_slice() {
            [] => {
                let message = format!("readers don't see how this is checked: write {wanted:?} below it");
                return Err(Wrong::Page((item.line, message)));
            }
            checks => {
                if let Some((line, other)) = checks.iter().find(|(_, command)| *command != wanted) {
                    let message = format!("{other:?} checks another item; here it is {wanted:?}");
                    return Err(Wrong::Page((*line, message)));
                }
            }
        }
        tries.push(Try {
            line: item.line,
            goals: entry.goals,
        });
    }
    Ok(tries)
}

#[cfg(test)]
mod tests;
