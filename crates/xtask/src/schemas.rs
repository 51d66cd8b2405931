//! The definitions that the schemas of the charts' values share. Helm reads one file for each chart, so each repeats them.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context;
use regex::Regex;

use crate::repeated::{Stale, read};

/// What stands before the definitions in a schema, where they come last.
const KEY: &str = "  \"definitions\": {\n";

/// The schemas whose definitions are not those of `helm/definitions.json` that they use.
///
/// # Errors
/// A file cannot be read, or a schema has no definitions.
pub(crate) fn out_of_step(root: &Path) -> anyhow::Result<Vec<Stale>> {
    let folder = root.join("helm");
    let source = read(&folder.join("definitions.json"))?;
    let definitions = entries(&source)?;
    let mut found = Vec::new();
    for chart in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let file = chart?.path().join("values.schema.json");
        if !file.exists() {
            continue;
        }
        let text = read(&file)?;
        let (own, _) = text
            .split_once(KEY)
            .with_context(|| format!("{} has no key \"definitions\"", file.display()))?;
        let used = used(own, &definitions)?.join(",\n");
        // One level deeper than in the file of their own.
        let should_be = format!("{own}{KEY}  {}\n  }}\n}}\n", used.replace('\n', "\n  "));
        if text != should_be {
            let why = vec!["its definitions are not those of helm/definitions.json that it uses".into()];
            found.push(Stale { file, why, should_be });
        }
    }
    Ok(found)
}

/// The definitions in their order: the name of each, and its text with the name.
fn entries(source: &str) -> anyhow::Result<Vec<(&str, &str)>> {
    let starts: Vec<_> = Regex::new(r#"(?m)^  "(\w+)": "#)?.captures_iter(source).collect();
    let from = |index: usize| {
        starts
            .get(index)
            .and_then(|start| start.get(0))
            .map(|start| start.start())
    };
    Ok(starts
        .iter()
        .enumerate()
        .filter_map(|(index, start)| {
            let end = from(index + 1).unwrap_or(source.trim_end().len() - 1);
            let text = source.get(from(index)?..end)?.trim_end();
            Some((start.get(1)?.as_str(), text.strip_suffix(',').unwrap_or(text)))
        })
        .collect())
}

/// The texts of the definitions that a schema refers to, or that one of these refers to.
fn used<'a>(own: &str, definitions: &[(&str, &'a str)]) -> anyhow::Result<Vec<&'a str>> {
    let reference = Regex::new(r##""#/definitions/(\w+)""##)?;
    let names = |text: &str| -> BTreeSet<String> {
        reference
            .captures_iter(text)
            .map(|found| found[1].to_owned())
            .collect()
    };
    let mut used = names(own);
    loop {
        let known = used.len();
        for (name, text) in definitions {
            if used.contains(*name) {
                used.extend(names(text));
            }
        }
        if used.len() == known {
            break;
        }
    }
    Ok(definitions
        .iter()
        .filter(|(name, _)| used.contains(*name))
        .map(|(_, text)| *text)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeated::reasons;

    #[test]
    fn the_charts_share_their_definitions() {
        let wrong = reasons(&out_of_step(crate::root()).unwrap());
        assert!(wrong.is_empty(), "`cargo xtask schemas` mends this: {wrong:#?}");
    }

    #[test]
    fn a_chart_gets_what_it_uses_and_no_more() {
        let root = tempfile::tempdir().unwrap();
        let chart = root.path().join("helm/chart");
        fs::create_dir_all(&chart).unwrap();
        let schema = chart.join("values.schema.json");
        let definitions = r##"{
  "a": {"$ref": "#/definitions/b"},
  "unused": {},
  "b": {
    "type": "string"
  }
}
"##;
        fs::write(root.path().join("helm/definitions.json"), definitions).unwrap();
        let own = r##"{
  "$ref": "#/definitions/a",
  "definitions": {
    "own": {}
  }
}
"##;
        fs::write(&schema, own).unwrap();
        let right = r##"{
  "$ref": "#/definitions/a",
  "definitions": {
    "a": {"$ref": "#/definitions/b"},
    "b": {
      "type": "string"
    }
  }
}
"##;
        assert_eq!(out_of_step(root.path()).unwrap()[0].should_be, right);
        fs::write(&schema, right).unwrap();
        assert!(out_of_step(root.path()).unwrap().is_empty());
    }
}
