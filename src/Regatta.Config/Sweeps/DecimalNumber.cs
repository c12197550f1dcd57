using System.Numerics;

namespace Regatta.Config;

/// <summary>A decimal number of any size; sums are rounded to 28 digits, half to even, as Python's decimal module does.</summary>
internal readonly struct DecimalNumber
{
    private const int Digits = 28;
    private readonly BigInteger _mantissa;
    private readonly int _exponent;

    private DecimalNumber(BigInteger mantissa, int exponent)
    {
        _mantissa = mantissa;
        _exponent = exponent;
    }

    public int Sign => _mantissa.Sign;

    /// <summary>The exact value of a whole number or a double.</summary>
    public static DecimalNumber Of(object number)
    {
        if (number is not double real) return new DecimalNumber(OverrideCasts.Whole(number), 0);
        if (real == 0) return default;
        var bits = BitConverter.DoubleToInt64Bits(real);
        var power = (int)((bits >> 52) & 0x7FF);
        var fraction = bits & 0xFFFFFFFFFFFFF;
        if (power == 0) power++;
        else fraction |= 1L << 52;
        power -= 1075;
        var value = new BigInteger(bits < 0 ? -fraction : fraction);
        // A power of two below one is a power of five over the same power of ten.
        return power >= 0 ? new DecimalNumber(value << power, 0) : new DecimalNumber(value * BigInteger.Pow(5, -power), power);
    }

    public static DecimalNumber operator +(DecimalNumber a, DecimalNumber b)
    {
        var exponent = Math.Min(a._exponent, b._exponent);
        return Rounded(Scaled(a, exponent) + Scaled(b, exponent), exponent);
    }

    public static bool operator <(DecimalNumber a, DecimalNumber b) => Compare(a, b) < 0;

    public static bool operator >(DecimalNumber a, DecimalNumber b) => Compare(a, b) > 0;

    public double ToDouble() => double.Parse($"{_mantissa.ToString(CultureInfo.InvariantCulture)}E{_exponent.ToString(CultureInfo.InvariantCulture)}", NumberStyles.Float, CultureInfo.InvariantCulture);

    private static int Compare(DecimalNumber a, DecimalNumber b)
    {
        var exponent = Math.Min(a._exponent, b._exponent);
        return Scaled(a, exponent).CompareTo(Scaled(b, exponent));
    }

    private static BigInteger Scaled(DecimalNumber number, int exponent) => number._mantissa * BigInteger.Pow(10, number._exponent - exponent);

    private static DecimalNumber Rounded(BigInteger mantissa, int exponent)
    {
        var excess = BigInteger.Abs(mantissa).ToString(CultureInfo.InvariantCulture).Length - Digits;
        if (excess <= 0) return new DecimalNumber(mantissa, exponent);
        var unit = BigInteger.Pow(10, excess);
        var quotient = BigInteger.DivRem(BigInteger.Abs(mantissa), unit, out var rest);
        var twice = rest * 2;
        if (twice > unit || (twice == unit && !quotient.IsEven)) quotient++;
        return new DecimalNumber(mantissa.Sign < 0 ? -quotient : quotient, exponent + excess);
    }
}
