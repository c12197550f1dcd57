namespace Regatta.Agent.Payloads;

/// <summary>Exit codes of a payload that its work did not give.</summary>
internal static class PayloadExit
{
    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>The other members of the job cannot be met.</summary>
    public const int Rendezvous = 69;

    /// <summary>The stamps cannot be written.</summary>
    public const int Stamps = 73;
}
