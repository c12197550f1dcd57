namespace Regatta.Workloads;

/// <summary>Whether sizes that were fitted to a machine still make the mix that was meant.</summary>
public static class SizeMix
{
    /// <summary>A warning when jobs are more than 25 % off the size that was meant, or the sum of sizes is off by more than 5 %; null when the mix is as it was meant.</summary>
    /// <param name="sizes">For each job, the processors that were meant, as a fraction may give them, and those it got.</param>
    public static Diagnostic? Check(IReadOnlyCollection<(double Meant, int Got)> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        if (sizes.Count == 0) return null;
        var change = (sizes.Sum(s => (double)s.Got) / sizes.Sum(s => s.Meant)) - 1;
        var far = sizes.Count(s => Math.Abs(s.Got - s.Meant) > s.Meant / 4);
        if (far == 0 && Math.Abs(change) <= 0.05) return null;
        return Diagnostic.Warning("size-mix-distorted",
            FormattableString.Invariant($"the machine is too small for the mix of sizes: {far} of {sizes.Count} jobs are more than 25 % off, and the sum of sizes changes by {change * 100:+0.#;-0.#;0} %")) with
        {
            Help = "take a larger machine, or compare only results of machines of this size",
        };
    }
}
