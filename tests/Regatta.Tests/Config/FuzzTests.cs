using System.Text;
using CsCheck;
using Regatta.Config;

namespace Regatta.Tests.Config;

/// <summary>Whatever text comes in, the answer is a value or a diagnostic.</summary>
public class FuzzTests
{
    private static readonly string[] OverridePieces =
    [
        "a", "b.c", "+", "++", "~", "=", "@", "/", "1", "-2", "1.5e3", "inf", "true", "null", "'q s'", "\"d\"", "'", "\"", "[", "]", "{", "}", ":", ",", " ", "\t", "\\", "\\,", "\\'",
        "${x.y}", "${", "}", "$", "choice(", "range(1,3)", "range(", "interval(0,1)", "glob(*)", "sort(", "shuffle(", "tag(t,", "int(", "str(", "float(", "bool(", ")", "#", "é", "\n", "😀", "_", "*", "?", "%",
    ];

    private static readonly string[] YamlPieces =
    [
        "a", "b: 1", "c:", "- ", "-", "? ", ": ", "{", "}", "[", "]", ",", "&x ", "*x", "<<: *x", "!!int ", "!!binary ", "!x ", "|", ">", "'q'", "\"d\"", "'", "\"", "#c", "---", "...", "\n", "\n  ", "\n    ", " ", "\t", "1:30", "0x1F",
        "1e3", "yes", "~", "???", "${a}", "${", "%YAML 1.1\n", "é", "\u0085", "\uFEFF", "\0", "=", "defaults:\n- a\n", "@", "`",
    ];

    private static readonly string[] ReferencePieces =
    [
        "${", "}", "a", "b", ".", "..", "[", "]", ":", ",", "oc.env", "oc.select:", "oc.create:", "oc.decode:", "oc.dict.keys:", "oc.dict.values:", "'", "\"", "\\", "$", " ", "{", "1", "true", "null", "x y", "l", "0", "d", "é",
    ];

    [Fact]
    public void Overrides_of_any_text_parse_or_get_a_diagnostic() =>
        Gen.OneOf(Pieces(OverridePieces, 25), Gen.String).Sample(text =>
        {
            try
            {
                var parsed = OverrideParser.Parse(text);
                if (parsed.Sweep is not (null or IntervalSweep)) _ = SweepValues.Texts(parsed, _ => ["x"]).Take(50).ToList();
            }
            catch (DiagnosticException e)
            {
                Assert.StartsWith("config-", e.Diagnostics[0].Code, StringComparison.Ordinal);
            }
        }, iter: 20_000);

    [Fact]
    public void What_a_sweep_writes_parses_again_to_the_same_text() =>
        Pieces(OverridePieces, 12).Sample(text =>
        {
            Override parsed;
            try
            {
                parsed = OverrideParser.Parse("k=" + text);
            }
            catch (DiagnosticException)
            {
                return;
            }

            // What str() makes is written without quotes, as Hydra does it, and so is read as what it looks like: k=str(true) as k=true.
            if (parsed.Sweep is not null || HoldsNewline(parsed.Canonical) || text.Contains("${", StringComparison.Ordinal) || text.Contains("str(", StringComparison.Ordinal)) return;
            Assert.Equal(parsed.Canonical, OverrideParser.Parse(parsed.Canonical).Canonical);
        }, iter: 10_000);

    [Fact]
    public void Yaml_of_any_text_loads_or_gets_a_diagnostic() =>
        Gen.OneOf(Pieces(YamlPieces, 30), Gen.String).Sample(text =>
        {
            try
            {
                var composition = ConfigTree.Of(("conf/config.yaml", text)).Compose("config", []);
                _ = composition.ToYaml();
                composition.Resolve();
            }
            catch (DiagnosticException e)
            {
                Assert.StartsWith("config-", e.Diagnostics[0].Code, StringComparison.Ordinal);
            }
        }, iter: 5_000);

    [Fact]
    public void Texts_and_numbers_come_back_from_YAML_as_they_were() =>
        Gen.Select(Gen.OneOf(Gen.String, Pieces(YamlPieces, 6)), Gen.Double, Gen.Long).Sample((text, number, whole) =>
        {
            // The parser reads YAML 1.2, where these three are no line breaks.
            if (text.Any(c => char.IsSurrogate(c) || c is '\u0085' or '\u2028' or '\u2029') || text.Contains("${", StringComparison.Ordinal)) return;
            var node = new MappingNode();
            node.Set("v", new ScalarNode(text));
            node.Set("n", new ScalarNode(number));
            node.Set("i", new ScalarNode(whole));
            node.Set("l", TreeBuilder.FromPlain(new List<object?> { text, number }, Origin.Engine));
            var again = (MappingNode)ConfigDiff.Read(YamlDumper.Dump(node), "again");
            Assert.Equal(text, ((ScalarNode)again["v"]!).Value);
            Assert.Equal(number, ((ScalarNode)again["n"]!).Value);
            Assert.Equal(whole, ((ScalarNode)again["i"]!).Value);
            Assert.Equal(text, ((ScalarNode)((SequenceNode)again["l"]!).Items[0]).Value);
        }, iter: 5_000);

    [Fact]
    public void References_of_any_text_resolve_or_get_a_diagnostic() =>
        Pieces(ReferencePieces, 20).Array[3].Sample(texts =>
        {
            var yaml = $"a: {Quoted(texts[0])}\nb: {Quoted(texts[1])}\nd: {{x: {Quoted(texts[2])}}}\nl: [1, '${{a}}']\n";
            try
            {
                ConfigTree.Of(("conf/config.yaml", yaml)).Compose("config", []).Resolve();
            }
            catch (DiagnosticException e)
            {
                Assert.StartsWith("config-", e.Diagnostics[0].Code, StringComparison.Ordinal);
            }
        }, iter: 10_000);

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");
        Assert.Contains("aliases make it grow", Refusal(bomb.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_inside_of_itself_is_refused() =>
        Assert.Contains("stands inside the value that it repeats", Refusal("a: &x [1, *x]\n"), StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_refused()
    {
        Assert.Contains("nested deeper", Refusal("a: " + new string('[', 5_000) + new string(']', 5_000)), StringComparison.Ordinal);
        Assert.Contains("nested deeper", Assert.Throws<DiagnosticException>(() => OverrideParser.Parse("a=" + new string('[', 5_000))).Message, StringComparison.Ordinal);
        Assert.Contains("nested deeper", Refusal("a: " + string.Concat(Enumerable.Repeat("${", 5_000)) + "\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scalar_of_ten_megabytes_is_refused() =>
        Assert.Contains("characters, more than", Refusal("a: " + new string('x', 10 * 1024 * 1024)), StringComparison.Ordinal);

    [Fact]
    public void References_that_multiply_are_refused()
    {
        var bomb = new StringBuilder("a0: [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 10; i++) bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: [{string.Join(", ", Enumerable.Repeat($"'${{a{i - 1}}}'", 10))}]\n");
        Assert.Contains("the resolved configuration has more than", Refusal(bomb.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_double_are_refused()
    {
        var bomb = new StringBuilder("a0: xxxxxxxxxx\n");
        for (var i = 1; i < 40; i++) bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: ${{a{i - 1}}}${{a{i - 1}}}\n");
        Assert.Contains("more than", Refusal(bomb.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void References_that_are_followed_without_end_are_refused()
    {
        var bomb = new StringBuilder("a0: ''\n");
        for (var i = 1; i < 60; i++) bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: ${{a{i - 1}}}${{a{i - 1}}}\n");
        Assert.Contains("more than", Refusal(bomb.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Configurations_that_include_each_other_many_times_are_refused()
    {
        var files = Enumerable.Range(0, 20).Select(i => ($"conf/c{i}.yaml", i == 19 ? "x: 1\n" : $"defaults:\n  - c{i + 1}\n  - c{i + 1}\n  - c{i + 1}\n")).Append(("conf/config.yaml", "defaults:\n  - c0\n")).ToArray();
        Assert.Contains("name more than", Assert.Throws<DiagnosticException>(() => ConfigTree.Of(files).Compose("config", [])).Message, StringComparison.Ordinal);
    }

    private static string Refusal(string yaml) =>
        Assert.Throws<DiagnosticException>(() => ConfigTree.Of(("conf/config.yaml", yaml)).Compose("config", []).Resolve()).Message;

    private static Gen<string> Pieces(string[] pieces, int most) => Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Array[0, most].Select(string.Concat);

    private static bool HoldsNewline(string text) => text.Contains('\n', StringComparison.Ordinal);

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
