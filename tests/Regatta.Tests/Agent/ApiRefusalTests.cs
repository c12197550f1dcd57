using System.Net;
using Regatta.Agent.Drivers.Kubernetes;

namespace Regatta.Tests.Agent;

/// <summary>What the API server's refusals are taken for.</summary>
public sealed class ApiRefusalTests
{
    [Theory]
    [InlineData("err-alreadyexists-vcjob.json", 409, nameof(ApiResult.Exists), "already exists")]
    [InlineData("err-anonymous-forbidden.json", 403, nameof(ApiResult.Refused), "system:anonymous")]
    [InlineData("err-unauthorized.json", 401, nameof(ApiResult.Refused), "Unauthorized")]
    [InlineData("err-invalid-batchjob.json", 422, nameof(ApiResult.Refused), "must be greater than or equal to 0")]
    [InlineData("err-invalid-vcjob-name.json", 422, nameof(ApiResult.Refused), "RFC 1123")]
    [InlineData("err-malformed-json.json", 400, nameof(ApiResult.Refused), "json parse error")]
    [InlineData("err-unsupported-media.json", 415, nameof(ApiResult.Refused), "unknown format")]
    [InlineData("err-notfound-vcjob.json", 404, nameof(ApiResult.Missing), "not found")]
    [InlineData("err-notfound-resource-type.json", 404, nameof(ApiResult.NoSuchKind), "the API server answered 404: 404 page not found")]
    [InlineData("err-webhook-unknown-queue.json", 400, nameof(ApiResult.Refused), "unable to find job queue")]
    [InlineData("err-webhook-minavailable-too-big.json", 400, nameof(ApiResult.Refused), "should not be greater than total replicas")]
    public void Each_kind_of_refusal_is_known_by_its_status(string file, int status, string result, string words)
    {
        var (judged, said) = KubernetesApi.Judge((HttpStatusCode)status, File.ReadAllBytes(KubernetesRecordings.PathOf(file)));
        Assert.Equal(result, judged.ToString());
        Assert.Contains(words, said, StringComparison.Ordinal);
    }
}
