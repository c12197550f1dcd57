namespace Regatta.Analysis;

/// <summary>How far what accounts used is from what they were promised.</summary>
internal static class ShareError
{
    /// <summary>How many instants it is looked at.</summary>
    public const int Instants = 1000;

    /// <summary>
    /// The mean, over <see cref="Instants"/> evenly spaced instants of the window at which something has been used, of half the sum over the accounts of |used - promised|: 0 is as promised,
    /// and 1 that all went to those who were promised nothing. Used is an account's part of all processor time until then, promised its part of the shares of the accounts that have jobs.
    /// </summary>
    /// <returns>The error, 0 to 1; NaN where fewer than two accounts with a share have jobs, or nothing ran.</returns>
    public static double Of(Trial trial, Cut cut)
    {
        var (record, jobs) = trial;
        if (record.Shares.Count < 2 || cut.To <= cut.From) return double.NaN;
        var accounts = jobs.Requests.Select(r => r.Account).OfType<string>().Distinct(StringComparer.Ordinal).Where(record.Shares.ContainsKey).ToList();
        var promised = accounts.Select(a => record.Shares[a]).ToArray();
        var whole = promised.Sum();
        if (accounts.Count < 2 || whole <= 0) return double.NaN;
        var accountOf = jobs.Requests.Select(r => r.Account is null ? -1 : accounts.IndexOf(r.Account)).ToArray();

        // Processors that work in each step, and the processor microseconds that the steps in which they began and ended hold less or more.
        var (working, shift) = (new double[accounts.Count, Instants + 1], new double[accounts.Count, Instants + 1]);
        var step = (cut.To - cut.From) / (double)Instants;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.Start[row] == JobTable.Missing || jobs.RequestIndex(row) is not (>= 0 and var request) || accountOf[request] is not (>= 0 and var account)) continue;
            Change(account, jobs.Start[row], jobs.Processors[row]);
            Change(account, jobs.Finish[row] != JobTable.Missing ? jobs.Finish[row] : cut.To, -jobs.Processors[row]);
        }

        double error = 0;
        var instants = 0;
        var (rate, used) = (new double[accounts.Count], new double[accounts.Count]);
        for (var instant = 1; instant <= Instants; instant++)
        {
            for (var a = 0; a < accounts.Count; a++)
            {
                used[a] += (rate[a] * step) + shift[a, instant];
                rate[a] += working[a, instant];
            }

            var all = used.Sum();
            if (all <= 0) continue;
            error += promised.Select((share, a) => Math.Abs((used[a] / all) - (share / whole))).Sum() / 2;
            instants++;
        }

        return instants == 0 ? double.NaN : error / instants;

        void Change(int account, long time, int processors)
        {
            var at = Math.Clamp((time - cut.From) / step, 0, Instants);
            var instant = Math.Max(1, (int)Math.Ceiling(at));
            working[account, instant] += processors;
            // What it works between the change and the instant.
            shift[account, instant] += processors * (instant - at) * step;
        }
    }
}
