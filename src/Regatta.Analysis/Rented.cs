using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Regatta.Analysis;

/// <summary>
/// A column for the time of one computation, given back for the next one, whatever its type: columns of many million numbers that are thrown away stay in memory for long, and
/// <see cref="ArrayPool{T}.Shared"/> keeps some for each thread.
/// </summary>
internal readonly struct Rented<T>(int length) : IDisposable
    where T : unmanaged
{
    private readonly byte[] _bytes = RentedPool.Bytes.Rent(checked(length * Unsafe.SizeOf<T>()));

    /// <summary>The column; what it holds at first is not defined.</summary>
    public Span<T> Items => MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(0, length * Unsafe.SizeOf<T>()));

    public void Dispose() => RentedPool.Bytes.Return(_bytes);
}

/// <summary>What columns of every type share.</summary>
internal static class RentedPool
{
    public static ArrayPool<byte> Bytes { get; } = ArrayPool<byte>.Create(maxArrayLength: 1 << 30, maxArraysPerBucket: 8);
}
