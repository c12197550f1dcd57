using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;

namespace Regatta.Config;

/// <summary>
/// YamlDotNet's scanner, but looking ahead stops at a comma that nobody has taken yet. The parser looks ahead once for an anchor and once
/// for a value in braces, and would lose the comma of <c>{a: &amp;x 1, b: 2}</c>.
/// </summary>
internal sealed class YamlTokens(TextReader reader) : IScanner
{
    private readonly Scanner scanner = new(reader, skipComments: true);
    private bool taken = true;

    public Mark CurrentPosition => scanner.CurrentPosition;

    public Token? Current => scanner.Current;

    public bool MoveNext()
    {
        if (Current is not null) ConsumeCurrent();
        return MoveNextWithoutConsuming();
    }

    public bool MoveNextWithoutConsuming()
    {
        if (!taken && Current is FlowEntry) return true;
        taken = false;
        return scanner.MoveNextWithoutConsuming();
    }

    public void ConsumeCurrent()
    {
        taken = true;
        scanner.ConsumeCurrent();
    }
}
