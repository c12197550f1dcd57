namespace Regatta.Host;

/// <summary>Room on disks.</summary>
public static class DiskSpace
{
    /// <summary>True when writing failed because the disk is full, or the user's share of it.</summary>
    public static bool IsSpent(IOException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        const int noSpace = 28, quotaSpent = 122, diskFull = 0x70;
        return (exception.HResult & 0xFFFF) is noSpace or quotaSpent or diskFull;
    }
}
