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
            var environment = new Dictionary<string, string?> { ["REGATTA_STATE"] = state.FullName, ["REGATTA_FLUX_PREFIX"] = null };
            var planned = await RegattaProgram.ExpectAsync(0, ["plan", "slurm-vs-flux"], environment: environment);
            var text = planned.Output + planned.Error;
            Assert.Contains("warning[payload-missing]: flux-lublin, flux-esp, flux-fan cannot run: image 'flux' needs ", text, StringComparison.Ordinal);
            Assert.Contains("regatta image lock flux --payload flux=", text, StringComparison.Ordinal);

            // The rest is planned, and the plan says what is left out of it and why.
            var plan = (await RegattaProgram.ExpectAsync(0, ["plan", "slurm-vs-flux", "--json"], environment: environment)).Json("plan").Single();
            Assert.Equal(["slurm-lublin", "slurm-esp", "slurm-fan"], plan.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
            var left = plan.GetProperty("leftOut").EnumerateArray().ToList();
            Assert.Equal(["flux-lublin", "flux-esp", "flux-fan"], left.Select(p => p.GetProperty("name").GetString()));
            Assert.All(left, p => Assert.Contains("regatta image lock flux --payload flux=", p.GetProperty("reason").GetString(), StringComparison.Ordinal));

            var none = await RegattaProgram.ExpectAsync(3, ["run", "quickstart", "scheduler=flux"], environment: environment);
            Assert.Contains("error[payload-missing]", none.Output + none.Error, StringComparison.Ordinal);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }
}
