namespace Regatta.Workloads;

/// <summary>Times of jobs as they are computed from rates, loads and factors, which know no bound of their own.</summary>
internal static class BoundedTime
{
    /// <summary>A time from a number of milliseconds, rounded to whole ones.</summary>
    /// <param name="milliseconds">Any number.</param>
    /// <param name="cause">What made it so long, for people, such as <c>time-scale=1e300</c>.</param>
    /// <exception cref="DiagnosticException">It is longer than <see cref="JobValidation.Longest"/>, or no number (<c>workload-time</c>).</exception>
    public static TimeSpan FromMilliseconds(double milliseconds, string cause)
    {
        if (Math.Abs(milliseconds) <= JobValidation.Longest.TotalMilliseconds) return TimeSpan.FromMilliseconds(Math.Round(milliseconds));
        throw new DiagnosticException(Diagnostic.Error("workload-time", string.Create(CultureInfo.InvariantCulture, $"{cause} makes a time of {milliseconds / 1000:G3} s, and the longest is {JobValidation.Longest.TotalSeconds:#,0} s")) with
        {
            Help = "choose a rate, a load or a factor nearer to 1",
        });
    }
}
