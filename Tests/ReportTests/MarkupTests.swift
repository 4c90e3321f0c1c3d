import Report
import Testing

@Test func `texts are escaped and cannot steer the page`() {
  let markup = Markup.element("p", ["title": "\"<&'>\""], "a <b> & \"c\"\u{1B}\u{202E}\u{0}")
  #expect(
    markup.text
      == "<p title=\"&quot;&lt;&amp;&#39;&gt;&quot;\">a &lt;b&gt; &amp; &quot;c&quot;\u{FFFD}\u{FFFD}\u{FFFD}</p>")
}
