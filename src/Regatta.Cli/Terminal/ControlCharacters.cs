using Spectre.Console.Rendering;

namespace Regatta.Cli.Terminal;

/// <summary>Makes control characters visible: those in data (names, notes, logs) must not steer the terminal of who reads them.</summary>
internal static class ControlCharacters
{
    /// <summary>
    /// The text with a picture in the place of every control character except tab and line feed, one for one, so that columns stay: U+2400 to U+2421 for
    /// ASCII's, U+FFFD for C1's and for those that change the direction of text.
    /// </summary>
    public static string Shown(string text) =>
        text.AsSpan().IndexOfAnyExcept(Harmless) < 0 && !text.Any(Steers) ? text : string.Create(text.Length, text, static (shown, text) =>
        {
            for (var i = 0; i < shown.Length; i++) shown[i] = Steers(text[i]) ? Picture(text[i]) : text[i];
        });

    /// <summary>Shows control characters in all that a console draws; what the console itself uses to draw stays.</summary>
    public static IRenderHook Hook { get; } = new ShowingHook();

    private static System.Buffers.SearchValues<char> Harmless { get; } =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c), '\t', '\n']);

    private static bool Steers(char c) => c is not ('\t' or '\n') && (char.IsControl(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'));

    private static char Picture(char c) => c < ' ' ? (char)('\u2400' + c) : c == '\u007F' ? '\u2421' : '\uFFFD';

    private sealed class ShowingHook : IRenderHook
    {
        public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(r => new Showing(r));
    }

    private sealed class Showing(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            inner.Render(options, maxWidth).Select(s => s.IsControlCode || s.IsLineBreak || Shown(s.Text) == s.Text ? s : new Segment(Shown(s.Text), s.Style));
    }
}
