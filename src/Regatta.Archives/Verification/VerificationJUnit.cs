using System.Xml.Linq;

namespace Regatta.Archives.Verification;

/// <summary>A verification as JUnit XML: one suite, one test case a check.</summary>
public static class VerificationJUnit
{
    /// <summary>The document.</summary>
    public static XDocument Of(VerificationOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        XAttribute[] Counts() =>
        [
            new("tests", outcome.Items.Length),
            new("failures", outcome.Items.Count(i => i.Result == VerificationResult.Failed)),
            new("errors", 0),
            new("skipped", outcome.Items.Count(i => i.Result == VerificationResult.NotChecked)),
        ];
        return new XDocument(
            new XDeclaration("1.0", "utf-8", null),
            new XElement("testsuites", new XAttribute("name", "regatta verify"), Counts(),
                new XElement("testsuite", new XAttribute("name", outcome.Name), Counts(), new XAttribute("time", 0), outcome.Items.Select(Case))));
    }

    private static XElement Case(VerificationItem item) => new("testcase",
        new XAttribute("classname", "regatta." + item.Subject),
        new XAttribute("name", item.Check),
        new XAttribute("time", 0),
        item.Result switch
        {
            VerificationResult.Failed => new XElement("failure", new XAttribute("message", item.Text), new XAttribute("type", "differs"), string.Join('\n', item.Differences.Select(Line))),
            VerificationResult.NotChecked => new XElement("skipped", new XAttribute("message", item.Text)),
            _ => new XElement("system-out", item.Text),
        });

    private static string Line(NumberDifference d) => $"{d.Name}: {d.Recorded ?? "nothing"}, and should be {d.Recomputed ?? "nothing"}";
}
