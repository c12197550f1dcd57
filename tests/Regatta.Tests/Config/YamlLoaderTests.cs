using Regatta.Config;

namespace Regatta.Tests.Config;

/// <summary>YAML as people write it: what PyYAML reads is read, and values know where they stand.</summary>
public class YamlLoaderTests
{
    [Theory]
    [InlineData("a: [\n1,\n2\n]\nb: 3\n", "a[1]", 3, 1)]
    [InlineData("a:\n  b: [\n  1, # one\n    2\n  ]\n", "a.b[1]", 4, 5)]
    [InlineData("a: {\nb: {\nc: 5\n}\n}\n", "a.b.c", 3, 4)]
    [InlineData("a: \"x\ny\"\nb: 5\n", "b", 3, 4)]
    [InlineData("- [\n'it''s',\n\"]\"\n]\n", "[0][1]", 3, 1)]
    public void What_goes_on_without_indentation_knows_where_it_stands(string yaml, string path, int line, int column)
    {
        var node = Node(YamlLoader.Load(yaml, new OriginSource(OriginKind.File, "f.yaml")), path);

        Assert.Equal((line, column), (node.Origin.LineNumber, node.Origin.Column));
    }

    [Theory]
    [InlineData("a: {b: &x 1, c: *x}\n", "a.c", 1L)]
    [InlineData("d: &x {p: 1}\na: {<<: *x, b: 2}\n", "a.p", 1L)]
    [InlineData("a: |\n  [\n  1\nb: [\n2\n]\n", "a", "[\n1\n")]
    [InlineData("a: x # [\nb: [\n2\n]\n", "b[0]", 2L)]
    public void Reads_what_PyYAML_reads(string yaml, string path, object value) =>
        Assert.Equal(value, ((ScalarNode)Node(YamlLoader.Load(yaml, new OriginSource(OriginKind.File, "f.yaml")), path)).Value);

    [Theory]
    [InlineData("a: &x 1\nb: &x 2\n", "the anchor '&x' stands twice", 2, 4)]
    [InlineData("a: 1\nb: c\u0007\n", "the character U+0007 cannot stand in a YAML file", 2, 5)]
    [InlineData("a: [\n1\nb: 2\n", "'f.yaml' is not YAML", 1, 4)]
    [InlineData("a: [1\n---\n]\n", "'f.yaml' is not YAML", 2, 1)]
    public void Refuses_what_PyYAML_refuses(string yaml, string summary, int line, int column)
    {
        var e = Assert.Throws<NodeException>(() => YamlLoader.Load(yaml, new OriginSource(OriginKind.File, "f.yaml")));

        Assert.Contains(summary, e.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (e.Where!.Value.LineNumber, e.Where.Value.Column));
        Assert.NotNull(e.Help);
    }

    [Theory]
    [InlineData("config-yaml-syntax", "a: [\n1\nb: 2\n")]
    [InlineData("config-yaml-syntax", "a: 'x\n")]
    [InlineData("config-yaml-documents", "a: 1\n---\nb: 2\n")]
    [InlineData("config-yaml-too-deep", "DEEP")]
    [InlineData("config-yaml-too-large", "LONG")]
    [InlineData("config-yaml-too-large", "ALIASES")]
    [InlineData("config-yaml-key", "[a, b]: 1\n")]
    [InlineData("config-yaml-key-twice", "a: 1\na: 2\n")]
    [InlineData("config-yaml-merge", "a: 1\n<<: b\n")]
    [InlineData("config-yaml-merge", "a: 1\n<<: [b]\n")]
    [InlineData("config-yaml-number", "a: 0b_\n")]
    [InlineData("config-yaml-special", "a: =\n")]
    [InlineData("config-yaml-tag", "a: !!python/name:os.system x\n")]
    [InlineData("config-yaml-tag", "a: !!int many\n")]
    [InlineData("config-yaml-unquoted", "a: {b: x?y}\n")]
    [InlineData("config-yaml-alias", "a: *b\n")]
    [InlineData("config-yaml-anchor-twice", "a: &x 1\nb: &x 2\n")]
    [InlineData("config-yaml-ordered-pairs", "a: !!omap [{b: 1, c: 2}]\n")]
    [InlineData("config-yaml-character", "a: c\u0007\n")]
    [InlineData("config-yaml-cycle", "a: &a [*a]\n")]
    [InlineData("config-yaml-tab", "a:\tb\n")]
    public void Each_fault_has_a_code_of_its_own(string code, string yaml)
    {
        var text = yaml switch
        {
            "DEEP" => new string('[', 300) + new string(']', 300),
            "LONG" => "a: " + new string('x', YamlReader.LengthLimit),
            "ALIASES" => "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n")),
            _ => yaml,
        };

        var fault = Assert.Throws<DiagnosticException>(() => ConfigDiff.Read(text, "f.yaml")).Diagnostics[0];

        Assert.Equal(code, fault.Code);
        Assert.Equal("f.yaml", fault.Where!.Value.Source);
    }

    private static ConfigNode Node(ContainerNode root, string path)
    {
        ConfigNode node = root;
        foreach (var segment in KeyPath.Split(path)) node = ((ContainerNode)node).Child(segment)!;
        return node;
    }
}
