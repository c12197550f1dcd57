using System.Security.Cryptography;
using System.Text;

namespace Regatta.Workloads;

/// <summary>
/// Other names for people and what belongs to them: the same name always gets the same pseudonym under one key, those of two kinds have nothing in common, and without the
/// key no name follows from its pseudonym (HMAC-SHA-256, 50 bits of it as letters and digits).
/// </summary>
/// <param name="key">The key, at least <see cref="LeastKey"/> bytes.</param>
public sealed class Pseudonyms(byte[] key)
{
    /// <summary>The least bytes of a key.</summary>
    public const int LeastKey = 16;

    private const int Letters = 10;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>Slurm's own account and user keep their name.</summary>
    private const string Root = "root";

    private readonly Dictionary<(char Kind, string Name), string> _known = [];
    // Jobs share their requests: to find one by what it is would read all its names for each job.
    private readonly Dictionary<JobRequest, JobRequest> _requests = new(ReferenceEqualityComparer.Instance);

    /// <summary>Of a user.</summary>
    public string User(string name) => Of('u', name);

    /// <summary>Of a group of users.</summary>
    public string Group(string name) => Of('g', name);

    /// <summary>Of an account.</summary>
    public string Account(string name) => Of('a', name);

    /// <summary>Of a reservation.</summary>
    public string Reservation(string name) => Of('r', name);

    /// <summary>Of a machine.</summary>
    public string Host(string name) => Of('h', name);

    /// <summary>Of a path: an absolute one of another name, with the ending of the file.</summary>
    public string Path(string path) => $"/{Of('p', path)}{System.IO.Path.GetExtension(path)}";

    /// <summary>The workload with pseudonyms, and without names of anything else than partitions, qualities of service, features, licences and devices.</summary>
    public Workload Apply(Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        return workload with
        {
            Jobs = [.. workload.Jobs.Select(job => job.Request is { } request ? job with { Request = Apply(request) } : job)],
            Names = workload.Names is { } names ? names with { Users = [.. names.Users.Select(User)], Groups = [.. names.Groups.Select(Account)] } : null,
        };
    }

    /// <summary>What a job asks for, under pseudonyms.</summary>
    public JobRequest Apply(JobRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_requests.TryGetValue(request, out var known)) return known;
        return _requests[request] = request with
        {
            User = Map(request.User, User), Group = Map(request.Group, Group), Account = Map(request.Account, Account), Reservation = Map(request.Reservation, Reservation),
        };
    }

    private static string? Map(string? name, Func<string, string> to) => name is null ? null : to(name);

    private string Of(char kind, string name)
    {
        if (name == Root) return name;
        if (_known.TryGetValue((kind, name), out var known)) return known;
        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{kind}\0{name}"));
        var bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash);
        var text = new char[Letters + 1];
        text[0] = kind;
        for (var i = 1; i <= Letters; i++, bits <<= 5) text[i] = Alphabet[(int)(bits >> 59)];
        return _known[(kind, name)] = new string(text);
    }
}
