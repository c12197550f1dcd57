namespace Regatta.Config;

/// <summary>Which styles can carry a text: PyYAML's analysis of scalars in block context, with Unicode allowed.</summary>
internal readonly struct ScalarAnalysis
{
    public ScalarAnalysis(string text)
    {
        AllowsPlain = true;
        AllowsSingleQuotes = true;
        Multiline = false;
        if (text.Length == 0) return;
        bool indicators = false, special = false, leading = false, trailing = false, breakSpace = false, spaceBreak = false;
        if (text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal)) indicators = true;
        var points = YamlEmitter.Points(text);
        var precededByBlank = true;
        var previousSpace = false;
        var previousBreak = false;
        for (var i = 0; i < points.Length; i++)
        {
            var ch = points[i];
            var followedByBlank = i + 1 >= points.Length || IsBlank(points[i + 1]);
            if (i == 0)
            {
                if (ch < 128 && "#,[]{}&*!|>'\"%@`".Contains((char)ch, StringComparison.Ordinal)) indicators = true;
                if (ch is '?' or ':' or '-' && followedByBlank) indicators = true;
            }
            else
            {
                if (ch == ':' && followedByBlank) indicators = true;
                if (ch == '#' && precededByBlank) indicators = true;
            }

            var isBreak = ch is '\n' or 0x85 or 0x2028 or 0x2029;
            if (isBreak) Multiline = true;
            if (ch != '\n' && ch is < 0x20 or > 0x7E && (ch is not (0x85 or (>= 0xA0 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and < 0x10FFFF)) || ch == 0xFEFF))
                special = true;
            if (ch == ' ' || isBreak)
            {
                leading |= i == 0;
                trailing |= i == points.Length - 1;
            }

            if (ch == ' ' && previousBreak) breakSpace = true;
            if (isBreak && previousSpace) spaceBreak = true;
            previousSpace = ch == ' ';
            previousBreak = isBreak;
            precededByBlank = IsBlank(ch);
        }

        AllowsPlain = !(leading || trailing || breakSpace || spaceBreak || special || Multiline || indicators);
        AllowsSingleQuotes = !(breakSpace || spaceBreak || special);
    }

    public bool AllowsPlain { get; }

    public bool AllowsSingleQuotes { get; }

    public bool Multiline { get; }

    private static bool IsBlank(int ch) => ch is 0 or ' ' or '\t' or '\r' or '\n' or 0x85 or 0x2028 or 0x2029;
}
