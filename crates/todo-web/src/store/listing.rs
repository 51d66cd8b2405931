//! A page of the list.

use crate::item::Item;

/// The number of items on a page.
pub(super) const PAGE: i64 = 50;

/// A page of the items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Open items first, then completed ones; in each part the newest first.
    pub(crate) items: Vec<Item>,
    /// The number of open items on all pages.
    pub(crate) open: i64,
    /// The number of completed items on all pages.
    pub(crate) completed: i64,
    /// The number of this page, from 1.
    pub(crate) page: i64,
    /// The number of pages, at least 1.
    pub(crate) pages: i64,
}

impl Listing {
    /// A page without its items, given the number of open and completed items in all.
    pub(super) fn of(open: i64, completed: i64, page: u32) -> Self {
        let pages = ((open + completed + PAGE - 1) / PAGE).max(1);
        Self {
            items: Vec::new(),
            open,
            completed,
            page: i64::from(page).clamp(1, pages),
            pages,
        }
    }

    /// The number of items on the pages before it.
    pub(super) fn offset(&self) -> i64 {
        (self.page - 1) * PAGE
    }
}

#[cfg(test)]
mod tests {
    use super::Listing;

    #[test]
    fn there_is_always_a_page_and_none_after_the_last() {
        for (items, page, expected) in [
            (0, 1, (1, 1, 0)),
            (50, 2, (1, 1, 0)),
            (51, 2, (2, 2, 50)),
            (10_000, 0, (1, 200, 0)),
            (10_000, u32::MAX, (200, 200, 9950)),
        ] {
            let listing = Listing::of(items, 0, page);
            assert_eq!(
                (listing.page, listing.pages, listing.offset()),
                expected,
                "{items} {page}"
            );
        }
    }
}
