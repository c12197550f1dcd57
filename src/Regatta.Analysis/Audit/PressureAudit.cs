namespace Regatta.Analysis;

/// <summary>The machines below the trial had processors for it.</summary>
internal static class PressureAudit
{
    /// <summary>
    /// Largest share of the time in which something waited for a processor that is not spoken of. Three containers that replay the quickstart stay below it on a quiet host of
    /// two processors.
    /// </summary>
    public const double LargestWaiting = 0.5;

    /// <summary>Largest share of processor time taken by the machine below that is not spoken of.</summary>
    public const double LargestStolen = 0.02;

    public static void Check(TrialRecord record, List<AuditFinding> findings)
    {
        if (record.Pressure.Where(p => p.Waiting > LargestWaiting).MaxBy(p => p.Waiting) is { } waiting)
        {
            findings.Add(new(AuditWeight.Note, "host-busy", string.Create(CultureInfo.InvariantCulture,
                $"Work waited for a processor in {Percent(waiting.Waiting.GetValueOrDefault(), "0")} of the time on {waiting.Node}, and the bound is {Percent(LargestWaiting, "0")}: the machine had other work, or too few processors, and times may be longer for it.")));
        }

        if (record.Pressure.Where(p => p.Stolen > LargestStolen).MaxBy(p => p.Stolen) is { } stolen)
        {
            findings.Add(new(AuditWeight.Note, "host-steals", string.Create(CultureInfo.InvariantCulture,
                $"The machine below took {Percent(stolen.Stolen, "0.#")} of the processors' time from {stolen.Node}, and the bound is {Percent(LargestStolen, "0")}: times may be longer for it.")));
        }
    }
    private static string Percent(double share, string format) => (share * 100).ToString(format, CultureInfo.InvariantCulture) + " %";
}
