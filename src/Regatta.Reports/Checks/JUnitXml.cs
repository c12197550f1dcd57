using System.Xml.Linq;

namespace Regatta.Reports.Checks;

/// <summary>Checks as JUnit XML, which CI systems show: one suite a point, one test case a metric.</summary>
public static class JUnitXml
{
    /// <summary>The document.</summary>
    /// <param name="outcome">What was found.</param>
    /// <param name="strict">Uncertain and undefined items are failures rather than skipped.</param>
    public static XDocument Of(CheckOutcome outcome, bool strict) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement("testsuites",
            new XAttribute("name", "regatta check"),
            new XAttribute("tests", outcome.Items.Length),
            new XAttribute("failures", outcome.Items.Count(i => i.Fails(strict))),
            new XAttribute("errors", 0),
            new XAttribute("skipped", outcome.Items.Count(i => Skipped(i, strict))),
            outcome.Items.GroupBy(i => i.Point).Select(suite => new XElement("testsuite",
                new XAttribute("name", suite.Key),
                new XAttribute("tests", suite.Count()),
                new XAttribute("failures", suite.Count(i => i.Fails(strict))),
                new XAttribute("errors", 0),
                new XAttribute("skipped", suite.Count(i => Skipped(i, strict))),
                // Readers ask for a time; a check takes none.
                new XAttribute("time", 0),
                new XElement("properties",
                    Property("run", outcome.Run),
                    outcome.Baseline is { } baseline ? Property("baseline", baseline) : null,
                    outcome.Baseline is null ? null : Property("max-regression", outcome.MaxRegression.Others.ToString("R", CultureInfo.InvariantCulture)),
                    outcome.MaxRegression.Metrics.Select(m => Property($"max-regression.{m.Key}", m.Value.ToString("R", CultureInfo.InvariantCulture)))),
                suite.Select(item => Case(item, strict))))));

    private static XElement Case(CheckItem item, bool strict) => new("testcase",
        new XAttribute("classname", "regatta." + item.Point),
        new XAttribute("name", item.Bound ?? (item.Metric.Length == 0 ? "present" : item.Metric)),
        new XAttribute("time", 0),
        item.Fails(strict) ? new XElement("failure", new XAttribute("message", item.Text), new XAttribute("type", item.Result.ToString()), item.Text)
            : Skipped(item, strict) ? new XElement("skipped", new XAttribute("message", item.Text))
            : new XElement("system-out", item.Text));

    private static XElement Property(string name, string value) => new("property", new XAttribute("name", name), new XAttribute("value", value));

    private static bool Skipped(CheckItem item, bool strict) => !strict && item.Result is CheckResult.Uncertain or CheckResult.NotDefined && !item.Fails(strict);
}
