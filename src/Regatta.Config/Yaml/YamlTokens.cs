using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;

namespace Regatta.Config;

/// <summary>
/// YamlDotNet's scanner, but looking ahead stops at a comma that nobody has taken yet. The parser looks ahead once for an anchor and once
/// for a value in braces, and would lose the comma of <c>{a: &amp;x 1, b: 2}</c>.
/// </summary>
internal sealed class YamlTokens(TextReader reader) : IScanner
{
    private readonly Scanner _scanner = new(reader, skipComments: true);
    private bool _taken = true;

    public Mark CurrentPosition => _scanner.CurrentPosition;

    public Token? Current => _scanner.Current;

    public bool MoveNext()
    {
        if (Current is not null) ConsumeCurrent();
        return MoveNextWithoutConsuming();
    }

    public bool MoveNextWithoutConsuming()
    {
        if (!_taken && Current is FlowEntry) return true;
        _taken = false;
        return _scanner.MoveNextWithoutConsuming();
    }

    public void ConsumeCurrent()
    {
        _taken = true;
        _scanner.ConsumeCurrent();
    }
}
