using Xunit;

namespace Regatta.EndToEnd.Experiments;

/// <summary>What an experiment says on a machine that lacks the image of one of its schedulers.</summary>
public sealed class LackingImageTests
{
    [Fact]
    public async Task A_plan_names_the_points_that_cannot_run_and_the_command_that_mends_it()
    {
        var state = Directory.CreateTempSubdirectory("regatta-lacking-");
        try
        {
            var planned = await RegattaProgram.ExpectAsync(0, ["plan", "slurm-vs-flux"], environment: new Dictionary<string, string?> { ["REGATTA_STATE"] = state.FullName, ["REGATTA_FLUX_PREFIX"] = null });
            var text = planned.Output + planned.Error;
            Assert.Contains("warning[payload-missing]: flux-lublin, flux-esp, flux-fan cannot run: image 'flux' needs ", text, StringComparison.Ordinal);
            Assert.Contains("regatta image lock flux --payload flux=", text, StringComparison.Ordinal);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }
}
