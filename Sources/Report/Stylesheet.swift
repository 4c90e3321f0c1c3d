/// The one look of every page.
///
/// Marks take the colours of Okabe & Ito (2008), which people with any of the common colour blindnesses tell apart; on a
/// dark ground they are lightened. Nothing is said by colour alone.
enum Stylesheet {
  static let text = """
    :root {
      --ground: #ffffff; --ink: #1b1f24; --soft: #5c6670; --rule: #d4d9de; --wash: #f3f5f7;
      --first: #0072b2; --second: #d55e00; --third: #009e73; --fourth: #b0568c; --plain: #8a939c;
      --up: 0, 114, 178; --down: 213, 94, 0;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --ground: #14181c; --ink: #e6eaee; --soft: #a3adb7; --rule: #39424b; --wash: #1d2329;
        --first: #56b4e9; --second: #f0883e; --third: #2fc99a; --fourth: #dd9cc4; --plain: #7d8792;
        --up: 86, 180, 233; --down: 240, 136, 62;
      }
    }
    html { background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%; }
    body { margin: 0; font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    :lang(ja) {
      font-family: "Hiragino Sans", "Yu Gothic UI", "Yu Gothic", Meiryo, "Noto Sans CJK JP", "Noto Sans JP", sans-serif;
      line-break: strict;
    }
    main { max-width: 58rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.15rem; margin: 2.6rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--rule); }
    h3 { font-size: 1rem; margin: 1.8rem 0 .4rem; overflow-wrap: anywhere; }
    h4 { font-size: .9rem; color: var(--soft); margin: 1rem 0 .2rem; }
    p { margin: .5rem 0; max-width: 44rem; overflow-wrap: anywhere; }
    .lead { color: var(--soft); }
    .claim { font-size: 1.1rem; line-height: 1.45; }
    ul { margin: .5rem 0; padding-left: 1.2rem; max-width: 43rem; }
    li { margin: .35rem 0; overflow-wrap: anywhere; }
    figure { margin: 1.2rem 0; }
    figcaption, .note { color: var(--soft); font-size: .9rem; max-width: 44rem; }
    figcaption { margin-bottom: .5rem; }
    svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--ink); font-size: 13px; font-variant-numeric: tabular-nums; }
    svg .soft { fill: var(--soft); font-size: 12px; }
    svg .strong { font-weight: 600; }
    svg .grid { stroke: var(--rule); stroke-width: 1; }
    svg .reference { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 3; }
    svg .first { --mark: var(--first); } svg .second { --mark: var(--second); }
    svg .third { --mark: var(--third); } svg .fourth { --mark: var(--fourth); }
    svg .plain { --mark: var(--plain); }
    svg .dot { fill: var(--mark); }
    svg .ring { fill: var(--ground); stroke: var(--mark); stroke-width: 2; }
    svg .seed { fill: none; stroke: var(--mark); stroke-width: 1.2; opacity: .75; }
    svg .bar { stroke: var(--mark); stroke-width: 2; }
    svg .interval { stroke: var(--mark); stroke-width: 5; opacity: .3; stroke-linecap: butt; }
    svg .course { fill: none; stroke: var(--mark); stroke-width: 2; }
    svg .course.plain { stroke-width: 1; opacity: .6; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; margin: .8rem 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .3rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
    th { font-weight: 600; vertical-align: bottom; }
    td.number, th.number { text-align: right; }
    td.number { white-space: nowrap; }
    td.name { overflow-wrap: break-word; }
    td small, th small { color: var(--soft); display: block; font-weight: 400; }
    th.name, td.name { min-width: 8.5rem; }
    .dense th.name, .dense td.name { min-width: 10.5rem; }
    .dense th, .dense td { padding: .25rem .35rem; }
    .dense th.number { font-size: .78rem; }
    td.strong { font-weight: 600; }
    td.soft { color: var(--soft); }
    .legend span { white-space: nowrap; margin-right: 1.2em; }
    .legend svg { display: inline-block; width: 1em; height: 1em; vertical-align: -.12em; }
    .recorded { color: var(--soft); font-size: .9rem; }
    .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.4rem, 1fr)); gap: 1.1rem .9rem; }
    .pictures figure { margin: 0; break-inside: avoid; }
    .pictures img {
      display: block; width: 100%; image-rendering: pixelated; background: #000; border-radius: 3px;
      outline: 1px solid var(--rule);
    }
    .pictures figcaption { margin: .4rem 0 0; line-height: 1.35; overflow-wrap: anywhere; }
    .pictures strong { display: block; color: var(--ink); font-weight: 600; }
    .pictures small { display: block; }
    @page { size: A4; margin: 14mm; }
    @media print {
      html { font-size: 13px; }
      body { font-size: 10pt; }
      h3, h4 { break-after: avoid; }
      p, ul, figcaption, .note { max-width: none; }
      main { max-width: none; padding: 0; }
      h2 { break-after: avoid; margin-top: 1.4rem; }
      figure, tr, li { break-inside: avoid; }
      figcaption { break-after: avoid; }
      .scroll { overflow: visible; }
      table { font-size: 8.5pt; }
      th, td, .dense th, .dense td { padding: .15rem .3rem; }
      th.name, td.name, .dense th.name, .dense td.name { min-width: 6rem; }
      * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
    }
    """
}
