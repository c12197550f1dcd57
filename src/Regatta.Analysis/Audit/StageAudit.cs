namespace Regatta.Analysis;

/// <summary>The stamps of each job follow one another, as far as the clocks can tell, and as far as no fault that was meant made a scheduler forget or a clock jump.</summary>
internal static class StageAudit
{
    public static void Check(Trial trial, List<AuditFinding> findings)
    {
        var jobs = trial.Jobs;
        var slack = new ClockSlack(trial.Record);
        var stages = new Stage[]
        {
            new("accepted before it was sent", jobs => jobs.Sent, jobs => jobs.Accepted, false),
            new("eligible before it was sent", jobs => jobs.Sent, jobs => jobs.Eligible, false),
            new("decided before it was sent", jobs => jobs.Sent, jobs => jobs.Decided, false),
            new("decided before it was eligible", jobs => jobs.Eligible, jobs => jobs.Decided, false),
            new("started before it was sent", jobs => jobs.Sent, jobs => jobs.Start, true),
            new("started before it was decided", jobs => jobs.Decided, jobs => jobs.Start, true),
            new("finished before it started", jobs => jobs.Start, jobs => jobs.Finish, true),
            new("released before it finished", jobs => jobs.Finish, jobs => jobs.Released, true),
        };
        foreach (var stage in stages)
        {
            var from = stage.From(jobs);
            var to = stage.To(jobs);
            Offenders offenders = new(), meant = new();
            long worst = 0, worstMeant = 0;
            for (var row = 0; row < jobs.Count; row++)
            {
                if (from[row] == JobTable.Missing || to[row] == JobTable.Missing || to[row] >= from[row]) continue;
                var allowed = stage.OnNode ? slack.With(jobs.NodeList(row)) : ClockSlack.Resolution;
                if (from[row] - to[row] <= allowed) continue;
                if (trial.Record.Injection?.Explains(from[row]) == true)
                {
                    meant.Add(jobs.Job[row]);
                    worstMeant = Math.Max(worstMeant, from[row] - to[row]);
                    continue;
                }

                offenders.Add(jobs.Job[row]);
                worst = Math.Max(worst, from[row] - to[row]);
            }

            meant.Report(findings, AuditWeight.Note, "negative-stage",
                $"{{0}}: {stage.Name}, by up to {ClockAudit.Milliseconds(worstMeant)}: after a fault that was meant, a scheduler may tell of what it had forgotten, or a clock be wrong.");
            offenders.Report(findings, AuditWeight.Invalidates, "negative-stage",
                $"{{0}}: {stage.Name}, by up to {ClockAudit.Milliseconds(worst)}, which the clocks' offsets do not explain.");
        }
    }

    private sealed record Stage(string Name, StampColumn From, StampColumn To, bool OnNode);
}
