namespace Regatta.Simulation.Priorities;

/// <summary>An account, or a user's place in one, with its share and what was used.</summary>
/// <param name="Account">The account.</param>
/// <param name="Parent">The account above it; null for the root account, and for users.</param>
/// <param name="User">The user; null for the account itself.</param>
/// <param name="Shares">Its share beside those of its siblings, at least 0; null for <c>parent</c>: it has that of the account above.</param>
/// <param name="Usage">What it used, decayed; processor seconds where nothing else is billed. That of an account holds those below it.</param>
public sealed record ShareHolder(string Account, string? Parent, string? User, long? Shares, double Usage);

/// <summary>What follows from shares and usage, as <c>sshare -l</c> shows it.</summary>
/// <param name="Holder">The account or user.</param>
/// <param name="NormalShares">Its share of its siblings' (fair tree) or of the whole machine (classic), 0 to 1.</param>
/// <param name="EffectiveUsage">What it used of its account's usage (fair tree), or the classic effective usage, 0 to 1.</param>
/// <param name="LevelFairShare">Fair tree: share divided by usage, infinite where nothing was used; null elsewhere, and for accounts with the share of their parent.</param>
/// <param name="Factor">The factor of a user's jobs, 0 to 1; of an account 0 under fair tree.</param>
public sealed record FairShare(ShareHolder Holder, double NormalShares, double EffectiveUsage, double? LevelFairShare, double Factor);

/// <summary>
/// Fair shares as Slurm's priority/multifactor computes them: fair tree (Cox and Jackson, Brigham Young University), and the classic algorithm that
/// <c>PriorityFlags=NO_FAIR_TREE</c> chooses. Pure.
/// </summary>
public static class FairShareTree
{
    private const string Root = "root";

    /// <summary>The fair shares by fair tree, in the order of the holders.</summary>
    /// <remarks>
    /// The factor of a user is the rank among all users by the number of users: siblings are ordered by share over usage, and those of a better account stand before all of
    /// the next. Ties between users share a rank. The manual has the children of tied accounts merged; Slurm (22.05 to 26.05) goes through the second after
    /// the first, its best user with the rank of the first one's last, and so does this, in the order in which the accounts are given.
    /// Users and accounts below an account with the share of its parent stand beside that account's own siblings, and share with them. Slurm computes in long doubles: of siblings that are
    /// equal on paper their last bits may make unequal ones.
    /// </remarks>
    /// <param name="holders">Accounts and users; the root account among them or not.</param>
    /// <exception cref="ArgumentException">Accounts do not lead to the root.</exception>
    public static ImmutableArray<FairShare> Fair(IReadOnlyList<ShareHolder> holders)
    {
        var tree = new Tree(holders);
        var level = new Dictionary<ShareHolder, (double Shares, double Usage, double? Level)>(ReferenceEqualityComparer.Instance);
        var factors = new Dictionary<ShareHolder, double>(ReferenceEqualityComparer.Instance);
        var users = holders.Count(h => h.User is not null);
        // What the next user gets where there is no tie, and what the last one got.
        var (next, rank) = (users, users);
        Rank(tree.Children(Root), false);
        return [.. holders.Select(h => level.TryGetValue(h, out var l) ? new FairShare(h, l.Shares, l.Usage, l.Level, factors.GetValueOrDefault(h)) : new FairShare(h, 1, 1, null, 0))];

        void Rank(IReadOnlyList<ShareHolder> siblings, bool accountTied)
        {
            foreach (var sibling in siblings)
            {
                var (shares, used) = (tree.ShareAmongSiblings(sibling), tree.UsageOf(tree.Above(sibling)) is > 0 and var above ? sibling.Usage / above : 0);
                double? fair = sibling.Shares is not null ? (shares <= 0 ? 0 : shares / used) : sibling.User is not null ? double.PositiveInfinity : null;
                level[sibling] = (shares, used, fair);
            }

            // Slurm gives accounts without a share of their own a number that no other has.
            double? before = uint.MaxValue - 1.0;
            var first = true;
            foreach (var sibling in siblings.OrderByDescending(s => level[s].Level ?? (uint.MaxValue - 1.0)).ThenBy(s => s.User is null))
            {
                var here = level[sibling].Level ?? (uint.MaxValue - 1.0);
                var tied = first && accountTied ? true : before == here;
                if (sibling.User is null)
                {
                    Rank(tree.Children(sibling.Account), tied);
                }
                else
                {
                    if (!tied) rank = next;
                    factors[sibling] = rank / (double)users;
                    next--;
                }

                (before, first) = (here, false);
            }
        }
    }

    /// <summary>The fair shares by the classic algorithm, in the order of the holders: 2 to the minus effective usage by share.</summary>
    /// <param name="holders">Accounts and users; the root account among them or not.</param>
    /// <param name="dampening">FairShareDampeningFactor, at least 1.</param>
    /// <exception cref="ArgumentException">Accounts do not lead to the root.</exception>
    public static ImmutableArray<FairShare> Classic(IReadOnlyList<ShareHolder> holders, int dampening = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dampening, 1);
        var tree = new Tree(holders);
        var whole = tree.UsageOf(Root);
        var known = new Dictionary<string, (double Shares, double Usage)>(StringComparer.Ordinal) { [Root] = (1, 1) };
        return [.. holders.Select(h =>
        {
            var (shares, usage) = h.User is null && h.Account == Root ? (1, 1) : Of(h);
            return new FairShare(h, shares, usage, null, shares <= 0 ? 0 : Math.Pow(2, -(usage / shares) / dampening));
        })];

        (double Shares, double Usage) Of(ShareHolder holder)
        {
            var parent = tree.Above(holder);
            if (!known.TryGetValue(parent, out var above)) known[parent] = above = Of(tree.Account(parent));
            if (holder.Shares is null) return above;
            var (own, used) = (tree.ShareAmongSiblings(holder), whole > 0 ? holder.Usage / whole : 0);
            return (above.Shares * own, parent == Root ? used : used + ((above.Usage - used) * own));
        }
    }

    /// <summary>What each account is promised of the machine, 0 to 1: its share of its siblings', times what the account above is promised. Empty without accounts.</summary>
    /// <param name="accounts">The accounts, the root with them; what they used does not count.</param>
    public static ImmutableSortedDictionary<string, double> Promised(IEnumerable<(string Account, string? Parent, long? Shares)> accounts) =>
        Classic([.. accounts.Select(a => new ShareHolder(a.Account, a.Parent, null, a.Shares, 0))]).Where(s => s.Holder.Account != Root)
            .ToImmutableSortedDictionary(s => s.Holder.Account, s => s.NormalShares, StringComparer.Ordinal);

    /// <summary>Usage after a time.</summary>
    /// <param name="usage">Usage before.</param>
    /// <param name="elapsed">The time.</param>
    /// <param name="halfLife">PriorityDecayHalfLife; zero for no decay.</param>
    public static double Decayed(double usage, TimeSpan elapsed, TimeSpan halfLife) => halfLife <= TimeSpan.Zero ? usage : usage * Math.Pow(0.5, elapsed / halfLife);

    /// <summary>Who is above whom.</summary>
    private sealed class Tree
    {
        private readonly Dictionary<string, ShareHolder> _accounts;
        private readonly ILookup<string, ShareHolder> _children;
        private readonly Dictionary<string, double> _shares;

        public Tree(IReadOnlyList<ShareHolder> holders)
        {
            _accounts = holders.Where(h => h.User is null).ToDictionary(h => h.Account, StringComparer.Ordinal);
            foreach (var holder in holders)
            {
                var at = holder;
                for (var steps = 0; Parent(at) != Root && at.Account != Root; steps++)
                {
                    if (steps > holders.Count || !_accounts.TryGetValue(Parent(at), out at!)) throw new ArgumentException($"the account {holder.Account} does not lead to {Root}", nameof(holders));
                }
            }

            _children = holders.Where(h => h.User is not null || h.Account != Root).ToLookup(Above, StringComparer.Ordinal);
            _shares = _children.ToDictionary(c => c.Key, c => (double)c.Sum(h => h.Shares ?? 0), StringComparer.Ordinal);
        }

        /// <summary>Whose siblings one stands beside: those of an account with the share of its parent stand among the account's own.</summary>
        public string Above(ShareHolder holder)
        {
            var above = Parent(holder);
            while (above != Root && _accounts[above] is { Shares: null } parent) above = Parent(parent);
            return above;
        }

        private static string Parent(ShareHolder holder) => holder.User is null ? holder.Parent ?? Root : holder.Account;

        public ShareHolder Account(string name) => _accounts[name];

        public IReadOnlyList<ShareHolder> Children(string account) => [.. _children[account]];

        public double UsageOf(string account) => _accounts.TryGetValue(account, out var there) ? there.Usage : _children[account].Sum(h => h.Usage);

        public double ShareAmongSiblings(ShareHolder holder) => holder.Shares is { } own && _shares[Above(holder)] is > 0 and var all ? own / all : 0;
    }
}
