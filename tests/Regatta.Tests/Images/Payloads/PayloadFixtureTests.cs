namespace Regatta.Tests.Images.Payloads;

/// <summary>Tests of a small program under a prefix, which goes with each.</summary>
public abstract class PayloadFixtureTests : IDisposable
{
    private protected PayloadFixture Fixture { get; } = new();

    public void Dispose()
    {
        Fixture.Dispose();
        GC.SuppressFinalize(this);
    }
}
