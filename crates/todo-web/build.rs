//! Has the program built again when a migration is added: `sqlx::migrate!` notices changes only of files that it knows.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
