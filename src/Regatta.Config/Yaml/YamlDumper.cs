using System.Numerics;

namespace Regatta.Config;

/// <summary>
/// Writes a tree as YAML, byte for byte as PyYAML writes it under OmegaConf's rules: block style, lists not indented,
/// two blanks a level, lines folded at 80, and every text that some YAML reader could take for something else in quotes.
/// </summary>
public sealed class YamlDumper
{
    private const int SimpleKeyLimit = 128;
    private readonly YamlEmitter _emitter = new();

    private YamlDumper()
    {
    }

    /// <summary>The YAML text of a tree, with a newline at the end. References are written as they are.</summary>
    public static string Dump(ConfigNode node)
    {
        var dumper = new YamlDumper();
        if (node is ContainerNode { State: ContainerState.Value } container) dumper.Collection(container, 0, inMapping: false);
        else dumper.Scalar(node is ScalarNode scalar ? scalar.Value : ((ContainerNode)node).SpecialValue, 2, key: false);
        return dumper._emitter.Finish();
    }

    /// <summary>A scalar as a line of YAML would show it.</summary>
    public static string DumpScalar(object? value)
    {
        var dumper = new YamlDumper();
        dumper.Scalar(value, 2, key: false);
        return dumper._emitter.ToString();
    }

    private void Collection(ContainerNode node, int at, bool inMapping)
    {
        switch (node)
        {
            case MappingNode { Count: 0 }:
                _emitter.Indicator("{", true);
                _emitter.Indicator("}", false);
                break;
            case SequenceNode { Count: 0 }:
                _emitter.Indicator("[", true);
                _emitter.Indicator("]", false);
                break;
            case MappingNode mapping:
                Mapping(mapping, at);
                break;
            case SequenceNode sequence:
                var indentless = inMapping && !_emitter.AtLineStart;
                Sequence(sequence, indentless ? at - 2 : at);
                break;
        }
    }

    private void Mapping(MappingNode mapping, int at)
    {
        foreach (var item in mapping.Items)
        {
            _emitter.Indent(at);
            var key = ScalarText(item.Key!);
            if (key.Tag is null && key.Text.Length > 0 && YamlEmitter.CodePoints(key.Text) + 5 < SimpleKeyLimit && !YamlEmitter.HasBreak(key.Text))
            {
                Scalar(item.Key!, at + 2, key: true);
                _emitter.Indicator(":", false);
            }
            else
            {
                _emitter.Indicator("?", true, indents: true);
                Scalar(item.Key!, at + 2, key: false);
                _emitter.Indent(at);
                _emitter.Indicator(":", true, indents: true);
            }

            Node(item, at + 2, inMapping: true);
        }
    }

    private void Sequence(SequenceNode sequence, int at)
    {
        foreach (var item in sequence.Items)
        {
            _emitter.Indent(at);
            _emitter.Indicator("-", true, indents: true);
            Node(item, at + 2, inMapping: false);
        }
    }

    private void Node(ConfigNode node, int at, bool inMapping)
    {
        if (node is ContainerNode { State: ContainerState.Value } container) Collection(container, at, inMapping);
        else Scalar(node is ScalarNode scalar ? scalar.Value : ((ContainerNode)node).SpecialValue, at, key: false);
    }

    private static (string Text, bool Plain, bool Quote, string? Tag) ScalarText(object? value)
    {
        switch (value)
        {
            case null: return ("null", true, false, null);
            case bool flag: return (flag ? "true" : "false", true, false, null);
            case long or BigInteger or int: return (Convert.ToString(value, CultureInfo.InvariantCulture)!, true, false, null);
            case double number: return (Float(number), true, false, null);
            case EnumMember member: return ScalarText(member.Name);
            case byte[] bytes: return (Convert.ToBase64String(bytes), false, false, "!!binary");
            default:
                var text = (string)value;
                var quote = text is "y" or "Y" or "n" or "N" || YamlScalars.IsBool(text) || PythonText.TryInt(text, out _) || PythonText.TryFloat(text, out _);
                return (text, !quote && !YamlScalars.ReadsAsOther(text), quote, null);
        }
    }

    private static string Float(double number)
    {
        if (double.IsNaN(number)) return ".nan";
        if (double.IsInfinity(number)) return number > 0 ? ".inf" : "-.inf";
        var text = PythonText.Repr(number);
        return text.Contains('.', StringComparison.Ordinal) ? text : text.Replace("e", ".0e", StringComparison.Ordinal);
    }

    private void Scalar(object? value, int at, bool key)
    {
        var (text, plain, _, tag) = ScalarText(value);
        _emitter.Level = at;
        if (tag is not null)
        {
            _emitter.Indicator(tag, true);
            _emitter.Literal(text);
            return;
        }

        var analysis = new ScalarAnalysis(text);
        if (plain && !(key && (text.Length == 0 || analysis.Multiline)) && analysis.AllowsPlain) _emitter.Plain(text, !key);
        else if (analysis.AllowsSingleQuotes && !(key && analysis.Multiline)) _emitter.SingleQuoted(text, !key);
        else _emitter.DoubleQuoted(text, !key);
    }
}
