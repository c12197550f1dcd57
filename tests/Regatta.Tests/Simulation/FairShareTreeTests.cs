using Regatta.Simulation.Priorities;

namespace Regatta.Tests.Simulation;

/// <summary>Priorities held against what real Slurm printed.</summary>
public sealed class FairShareTreeTests
{
    [Fact]
    public void Fair_tree_gives_the_factors_that_sshare_printed()
    {
        var rows = Rows(Lines("sshare.txt"));

        var fair = FairShareTree.Fair([.. rows.Select(r => r.Holder)]);

        foreach (var (row, share) in rows.Zip(fair).Where(p => p.First.Holder.Account != "root" || p.First.Holder.User is not null))
        {
            Assert.Equal(row.Shares, share.NormalShares, 6);
            if (row.Holder.User is not null) Assert.Equal((row.Holder.User, row.Factor), (share.Holder.User, Math.Round(share.Factor, 6)));
            // sshare cuts usage to whole seconds.
            Assert.InRange(share.EffectiveUsage, row.Usage - 0.01, row.Usage + 0.01);
        }
    }

    // Slurm 24.11.5 on real nodes: accounts up to three deep, shares of none and of the parent among them, jobs of users drawn by chance.
    [Fact]
    public void Fair_tree_gives_what_sshare_printed_of_fifty_random_trees()
    {
        var trees = string.Join('\n', Lines("sshare-trees.txt")).Split("# tree ", StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..]).ToList();

        Assert.Equal(50, trees.Count);
        var hairs = 0;
        foreach (var (number, tree) in trees.Index())
        {
            var rows = Rows(tree);
            var fair = FairShareTree.Fair([.. rows.Select(r => r.Holder)]);
            // Of siblings whose shares over usage are equal on paper, the last bits of Slurm's long doubles decide which comes first.
            var hair = fair.Where(f => f.LevelFairShare is > 0 and < double.PositiveInfinity).GroupBy(f => Math.Round(f.LevelFairShare!.Value, 9)).Any(g => g.Count() > 1);
            if (hair) hairs++;
            foreach (var (row, share) in rows.Zip(fair).Where(p => p.First.Holder.Account != "root" || p.First.Holder.User is not null))
            {
                var who = $"tree {number}, {row.Holder.Account} {row.Holder.User}";
                if (row.Holder.Shares is not null) Assert.True(Math.Abs(row.Shares - share.NormalShares) <= 1e-6, $"{who}: share {share.NormalShares}, not {row.Shares}");
                if (row.Holder.User is not null && !hair) Assert.True(Math.Abs(row.Factor - share.Factor) <= 1e-6, $"{who}: factor {share.Factor}, not {row.Factor}");
                Assert.True(Math.Abs(row.Usage - share.EffectiveUsage) <= 1e-6, $"{who}: usage {share.EffectiveUsage}, not {row.Usage}");
            }
        }

        Assert.InRange(hairs, 0, 25);
    }

    [Fact]
    public void A_user_of_the_better_account_stands_before_all_of_the_next()
    {
        ShareHolder[] tree =
        [
            new("root", null, null, 1, 100), new("a", "root", null, 1, 90), new("b", "root", null, 1, 10),
            new("a", null, "idle", 1, 0), new("a", null, "busy", 1, 90), new("b", null, "one", 1, 2), new("b", null, "two", 1, 8),
        ];

        Assert.Equal([0.5, 0.25, 1, 0.75], FairShareTree.Fair(tree).Where(f => f.Holder.User is not null).Select(f => f.Factor));
    }

    [Fact]
    public void Users_of_accounts_that_are_alike_are_not()
    {
        // As sshare of 24.11.5 printed it; the manual has the users of tied accounts ranked together.
        ShareHolder[] tree =
        [
            new("root", null, null, 1, 5), new("root", null, "root", 1, 0), new("astronomy", "root", null, 3, 3), new("astronomy", null, "alice", 1, 3),
            new("biology", "root", null, 1, 2), new("biology", null, "alice", 1, 1), new("biology", null, "bob", 1, 1),
            new("tie1", "root", null, 1, 0), new("tie1", null, "u1", 1, 0), new("tie1", null, "u2", 0, 0),
            new("tie2", "root", null, 1, 0), new("tie2", null, "u3", 1, 0), new("tie2", null, "u4", 0, 0),
        ];

        Assert.Equal([1, 0.75, 0.75, 0.5], FairShareTree.Fair(tree).Where(f => f.Holder.User?[0] == 'u').Select(f => f.Factor));
    }

    [Fact]
    public void The_classic_factor_halves_with_each_share_of_usage()
    {
        ShareHolder[] tree = [new("root", null, null, 1, 100), new("a", "root", null, 1, 50), new("b", "root", null, 1, 50), new("a", null, "x", 1, 50), new("a", null, "y", 1, 0)];

        var classic = FairShareTree.Classic(tree);

        // Half of the machine used by an account that half of it belongs to.
        Assert.Equal(0.5, classic[1].Factor, 6);
        Assert.Equal((0.25, 0.5, 0.25), (classic[3].NormalShares, classic[3].EffectiveUsage, Math.Round(classic[3].Factor, 6)));
        Assert.Equal((0.25, 0.25, 0.5), (classic[4].NormalShares, classic[4].EffectiveUsage, Math.Round(classic[4].Factor, 6)));
    }

    [Fact]
    public void Accounts_that_do_not_lead_to_the_root_are_refused() =>
        Assert.Throws<ArgumentException>(() => FairShareTree.Fair([new("a", "b", null, 1, 0), new("b", "a", null, 1, 0), new("a", null, "x", 1, 0)]));

    [Fact]
    public void Usage_halves_with_each_half_life()
    {
        Assert.Equal(25, FairShareTree.Decayed(100, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1)), 9);
        Assert.Equal(100, FairShareTree.Decayed(100, TimeSpan.FromMinutes(2), TimeSpan.Zero));
    }

    [Fact]
    public void Priorities_are_those_that_sprio_printed()
    {
        // Recorded: 8 nodes of 16 and 2 of 32 processors, PriorityMaxAge=1-0, factors of partitions to 100, of qualities of service to 1000.
        var weights = new PriorityWeights { Age = 1000, Fairshare = 100000, JobSize = 1000, Partition = 10000, Qos = 20000, MaxAge = TimeSpan.FromDays(1) };

        Assert.Equal(36055u, Multifactor.Priority(new PriorityFactors(0.002, 0.25, 0.053, 0.1, 0.5), weights));
        Assert.Equal(66606u, Multifactor.Priority(new PriorityFactors(0.001, 0.625, 0.105, 0.2, 0.1), weights));
        Assert.Equal(1u, Multifactor.Priority(new PriorityFactors(0, 0, 0, 0, 0) { Nice = 1000 }, weights));
        Assert.Equal(uint.MaxValue, Multifactor.Priority(new PriorityFactors(0, 0, 0, 0, 0) { Site = 1L << 40 }, weights));
    }

    [Fact]
    public void The_factors_of_age_and_size_are_shares()
    {
        var weights = new PriorityWeights { MaxAge = TimeSpan.FromMinutes(10) };

        Assert.Equal((0.25, 1.0), (Multifactor.AgeFactor(TimeSpan.FromSeconds(150.9), weights), Multifactor.AgeFactor(TimeSpan.FromHours(1), weights)));
        Assert.Equal(0.375, Multifactor.SizeFactor(2, 1, 8, 2, weights), 9);
        Assert.Equal(0.625, Multifactor.SizeFactor(2, 1, 8, 2, weights with { FavorSmall = true }), 9);
    }

    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Regatta.Tests", "Simulation", "Slurm.data", file));

    private static List<(ShareHolder Holder, double Shares, double Usage, double Factor)> Rows(IEnumerable<string> table)
    {
        var above = new Stack<(int Depth, string Account)>();
        var rows = new List<(ShareHolder, double, double, double)>();
        foreach (var line in table.Skip(1))
        {
            var cells = line.Split('|');
            var depth = line.TakeWhile(char.IsWhiteSpace).Count();
            var (account, user) = (cells[0].Trim(), cells[1].Length == 0 ? null : cells[1]);
            while (above.Count > 0 && above.Peek().Depth >= depth) above.Pop();
            var parent = user is null && above.Count > 0 ? above.Peek().Account : null;
            if (user is null) above.Push((depth, account));
            long? shares = cells[2] == "parent" ? null : cells[2].Length == 0 ? 1 : long.Parse(cells[2], CultureInfo.InvariantCulture);
            double Number(int at) => cells[at].Length == 0 ? 0 : double.Parse(cells[at], CultureInfo.InvariantCulture);
            rows.Add((new ShareHolder(account, parent, user, shares, Number(4)), Number(3), Number(6), Number(7)));
        }

        return rows;
    }
}
