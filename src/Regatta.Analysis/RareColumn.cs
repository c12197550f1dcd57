namespace Regatta.Analysis;

/// <summary>A column that mostly holds one and the same number, and takes memory only once another is set.</summary>
/// <param name="count">How many rows it has.</param>
/// <param name="usual">What a row holds that was not set.</param>
internal sealed class RareColumn(int count, int usual)
{
    private int[]? _values;

    /// <summary>The number in row <paramref name="row"/>.</summary>
    public int this[int row]
    {
        get => _values is null ? usual : _values[row];
        set
        {
            if (_values is null)
            {
                if (value == usual) return;
                _values = new int[count];
                Array.Fill(_values, usual);
            }

            _values[row] = value;
        }
    }
}
