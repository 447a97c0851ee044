//! SQL text as the engine sees it: tokens only. Splitting a script, finding and renaming identifiers, comparing
//! two expressions that differ in spelling. No dialect by name; what differs is data in [`Lexicon`].
