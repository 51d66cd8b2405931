//! Dependencies between the files of a crate point one way: no file uses, by whatever detour, a file that uses it.
#![expect(
    clippy::unwrap_used,
    reason = "the test goes on only when all of it is understood"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use regex::Regex;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The text of a file up to its tests, by its module's path, such as `supervisor::log`.
fn sources(folder: &Path, prefix: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_stem().unwrap().to_string_lossy());
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue; // Tests of a file, which use it.
        }
        if path.is_dir() {
            found.extend(sources(&path, &format!("{name}::")));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default()
                .to_owned();
            found.insert(name, text);
        }
    }
    found
}

/// The paths of a `use` tree, each joined by `::`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, group)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().to_owned()];
    };
    let (mut depth, mut branches) = (0, vec![String::new()]);
    for character in group
        .trim_end_matches('}')
        .chars()
        .chain(group.ends_with("}}").then_some('}'))
    {
        match character {
            ',' if depth == 0 => branches.push(String::new()),
            _ => {
                depth += i32::from(character == '{') - i32::from(character == '}');
                branches.last_mut().unwrap().push(character);
            }
        }
    }
    let named = branches.iter().filter(|branch| !branch.trim().is_empty());
    named
        .flat_map(|branch| leaves(branch))
        .map(|leaf| format!("{prefix}{leaf}"))
        .collect()
}

fn graph(sources: &BTreeMap<String, String>) -> Graph {
    let paths = Regex::new(r"\b(?:crate|super)::[\w:{},\s]+").unwrap();
    let reexports = Regex::new(r"pub use ([^;]+);").unwrap();
    let mut homes = BTreeMap::new();
    for tree in reexports.captures_iter(&sources["lib"]) {
        for leaf in leaves(&tree[1]) {
            let (home, item) = leaf.rsplit_once("::").unwrap();
            homes.insert(item.trim().to_owned(), home.trim().to_owned());
        }
    }
    let mut graph = Graph::new();
    for (module, text) in sources.iter().filter(|(module, _)| *module != "lib") {
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .fold(String::new(), |code, line| code + line + "\n");
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let used = paths
            .find_iter(&code)
            .flat_map(|found| leaves(found.as_str()))
            .map(|leaf| {
                let leaf: String = leaf.split_whitespace().collect();
                let inside = leaf.strip_prefix("crate::").map(str::to_owned);
                inside.unwrap_or_else(|| leaf.replacen("super", parent, 1))
            });
        let mut uses: BTreeSet<String> = used
            .filter_map(|path| {
                let known = sources
                    .keys()
                    .filter(|known| path == **known || path.starts_with(&format!("{known}::")));
                let first = path.split("::").next().unwrap_or_default();
                known
                    .max_by_key(|known| known.len())
                    .or(homes.get(first))
                    .cloned()
            })
            .collect();
        // A file uses those that are below it.
        uses.extend(
            sources
                .keys()
                .filter(|below| below.starts_with(&format!("{module}::")))
                .cloned(),
        );
        uses.remove(module);
        graph.insert(module.clone(), uses);
    }
    graph
}

/// The modules that are left when those that use no others are taken away, again and again.
fn knot(mut graph: Graph) -> Graph {
    loop {
        let ends: BTreeSet<_> = graph
            .iter()
            .filter(|(_, uses)| uses.is_empty())
            .map(|(end, _)| end.clone())
            .collect();
        if ends.is_empty() {
            return graph;
        }
        graph.retain(|module, _| !ends.contains(module));
        for uses in graph.values_mut() {
            uses.retain(|used| !ends.contains(used));
        }
    }
}

#[test]
fn no_file_uses_a_file_that_uses_it() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut knots = BTreeMap::new();
    let mut files = 0;
    for member in fs::read_dir(crates).unwrap() {
        let member = member.unwrap();
        let mut sources = sources(&member.path().join("src"), "");
        sources.entry("lib".into()).or_default();
        files += sources.len();
        let graph = graph(&sources);
        if member.file_name() == "cluster" {
            // What would be missed if the paths were not understood.
            for (module, used) in [
                ("up", "error"),
                ("up", "files"),
                ("supervisor", "supervisor::log"),
                ("lock", "preflight"),
            ] {
                assert!(graph[module].contains(used), "{module} uses {used}: {graph:?}");
            }
        }
        let knot = knot(graph);
        if !knot.is_empty() {
            knots.insert(member.file_name(), knot);
        }
    }
    assert!(files > 100, "{files} files were read");
    assert_eq!(knots, BTreeMap::new());
}

#[test]
fn a_knot_is_seen_and_what_leads_to_it_too() {
    let uses = |module: &str, used: &[&str]| {
        (
            module.to_owned(),
            used.iter().map(|&used| used.to_owned()).collect(),
        )
    };
    let knotted = Graph::from([
        uses("a", &["b"]),
        uses("b", &["c"]),
        uses("c", &["b", "d"]),
        uses("d", &[]),
    ]);
    assert_eq!(knot(knotted).into_keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(
        leaves("crate::{a::{b, c as d}, e}"),
        ["crate::a::b", "crate::a::c", "crate::e"]
    );
}

/// The lab makes the environment of whatever it starts in one place, so that what a person has set reaches nothing.
#[test]
fn programs_are_started_in_one_place() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in [
        "access", "cluster", "guide", "lab", "learner", "proofs", "record", "report", "runner", "story",
        "tell",
    ] {
        for (file, text) in sources(&crates.join(name).join("src"), "") {
            assert!(
                !text.contains("Command::new("),
                "crates/{name}, {file}: call programs::command"
            );
        }
    }
}
