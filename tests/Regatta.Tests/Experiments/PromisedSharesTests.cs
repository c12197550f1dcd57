using Regatta.Experiments.Configuration;
using Regatta.Schedulers.Slurm.Policy;

namespace Regatta.Tests.Experiments;

public sealed class PromisedSharesTests
{
    private static readonly ImmutableSortedDictionary<string, string> Nothing = ImmutableSortedDictionary<string, string>.Empty;

    [Fact]
    public void Accounts_are_promised_their_part_of_what_is_above()
    {
        var policy = new SlurmPolicy
        {
            Associations = [new("physics", null, null, Nothing.Add("Fairshare", "60")), new("lab", "physics", null, Nothing.Add("Fairshare", "1")), new("hall", "physics", null, Nothing.Add("Fairshare", "3")), new("biology", "root", null, Nothing.Add("Fairshare", "40")), new("biology", null, "ann", Nothing)],
        };

        Assert.Equal([("biology", 0.4), ("hall", 0.45), ("lab", 0.15), ("physics", 0.6)], policy.PromisedShares().Select(s => (s.Key, Math.Round(s.Value, 9))));
        Assert.Empty(SlurmPolicy.None.PromisedShares());
    }
}
