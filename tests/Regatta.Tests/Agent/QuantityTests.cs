using Regatta.Agent.Drivers.Kubernetes;

namespace Regatta.Tests.Agent;

/// <summary>Amounts as Kubernetes writes them.</summary>
public sealed class QuantityTests
{
    [Theory]
    [InlineData("2k", 2000), InlineData("100m", 0.1), InlineData("1.5Gi", 1610612736), InlineData("24581684Ki", 25171644416), InlineData("1E", 1e18)]
    [InlineData("12e6", 12000000), InlineData("1E3", 1000), InlineData("4", 4), InlineData("0.5", 0.5)]
    public void Quantities_are_read(string text, double value) => Assert.Equal((decimal)value, Quantity.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("two")]
    [InlineData("k")]
    [InlineData(null)]
    public void What_is_no_quantity_is_none(string? text) => Assert.Null(Quantity.Parse(text));
}
