<?php
// The life cycle of a dagtilbud with PHP's SoapClient, a SOAP client that nobody here wrote.
//
// Usage: php livscyklus.php FOLDER BUSY CLOCK, where FOLDER is that of a running `dtr demo --dir FOLDER`, and the others are
// the services that answer with 429 and with 503 (`servere`).
// The scenario is the same for every stack, see ../README.md.

declare(strict_types=1);

const WSA = 'http://www.w3.org/2005/08/addressing';

[, $folder, $busy, $clock] = $argv;
$demo = json_decode(file_get_contents("$folder/demo.json"), true);
ini_set('soap.wsdl_cache_enabled', '0');

function check(bool $holds, string $what, mixed $seen = null): void
{
    if (!$holds) {
        fwrite(STDERR, "PHP SoapClient: $what: " . print_r($seen, true) . "\n");
        exit(1);
    }
}

// Files of WSDL as PHP should read them: `soap11` is the one that its parser is best off with.
function client(string $service, string $version, string $name, int $soap, array $headers = [], ?string $at = null): SoapClient
{
    global $folder, $demo;
    $both = tempnam(sys_get_temp_dir(), 'dtr');
    file_put_contents($both, file_get_contents("$folder/pki/$name.pem") . file_get_contents("$folder/pki/$name.key"));
    register_shutdown_function(fn () => @unlink($both));
    $path = $soap === SOAP_1_1 ? 'wsdl/soap11' : 'wsdl/flat';
    return new SoapClient("{$demo['public_url']}/$path/$service-$version.wsdl", [
        'soap_version' => $soap,
        'exceptions' => true,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'trace' => true,
        'location' => $at ?? "{$demo['service_url']}/$version/$service",
        'stream_context' => stream_context_create([
            'ssl' => ['cafile' => "$folder/pki/ca.pem", 'local_cert' => $both],
            'http' => ['header' => implode("\r\n", $headers)],
        ]),
    ]);
}

function stored(object $answer): string
{
    check($answer->importSvar->status === 'OK', 'stored', $answer);
    return $answer->importSvar->resultat[0]->institutionsnummer;
}

const WORDS = [
    'DTR1001' => ['findes ikke her', 'There is no path'],
    'DTR1003' => ['Beskeden er større', 'The message is larger'],
    'DTR1016' => ['må ikke skrive', 'may not write'],
    'DTR1018' => ['flere kald, end', 'more calls than'],
    'DTR1041' => ['stoler ikke på', 'does not trust'],
    'DTR3015' => ['Ukendt', 'Ukendt'],
];

// Calls until there is a fault. Retry-After is there for 429 and 503 alone.
function fault(SoapClient $client, callable $call, string $code, int $status): void
{
    for ($round = 0; $round < 50; $round++) {
        try {
            $call($client);
        } catch (SoapFault $fault) {
            $detail = $fault->detail->fejlDetalje ?? null;
            check($detail !== null && $detail->kode === $code, "fault $code", $fault);
            [$da, $en] = WORDS[$code];
            check(str_contains($detail->beskedDa, $da) && str_contains($detail->beskedEn, $en), "words of $code", $detail);
            $headers = $client->__getLastResponseHeaders();
            check(str_contains(strtok($headers, "\n"), " $status "), "status of $code", $headers);
            check(preg_match('/^retry-after: [1-9]/mi', $headers) === (int) in_array($status, [429, 503]), 'Retry-After', $headers);
            return;
        }
    }
    check(false, "no fault $code");
}

$address = ['vejNavn' => 'Ålborgvej', 'husNummer' => '12a', 'postNummer' => '8000', 'byNavn' => 'Aarhus C'];
$top = ['daginstitutionsNavn' => 'Børnehuset "Æblet & Pæren"', 'ejerformKode' => 1, 'lovgrundlagKode' => 1,
    'admKommuneKode' => 751];

foreach (['v1', 'v2'] as $version) {
    foreach ([SOAP_1_1, SOAP_1_2] as $soap) {
        $form = $soap === SOAP_1_1 ? '1.1' : '1.2';
        $write = client('ImportService', $version, 'kommune', $soap);
        $read = client('EksportService', $version, 'aftager', $soap);

        $dry = $write->InsertDaginstitution(['proeve' => true, 'daginstitution' => [$top]])->importSvar;
        check($dry->status === 'OK' && $dry->proeve && !isset($dry->resultat[0]->institutionsnummer), 'dry run', $dry);
        $first = stored($write->InsertDaginstitution(['daginstitution' => [$top]]));
        $second = stored($write->InsertDaginstitution(['proeve' => false, 'daginstitution' => [$top]]));
        $unit = ['daginstitutionsNummer' => $first, 'enhedsNavn' => 'Stuen på Åen', 'adresse' => $address,
            'instType3' => 6012, 'pNummer' => '1000000001'];
        $number = stored($write->InsertAnvisningsEnhed(['anvisningsenhed' => [$unit]]));
        $extra = stored($write->InsertAlternativAdresse(['alternativadresse' => [
            ['enhedsNummer' => $number, 'alternativAdresseNavn' => 'Skovhytten', 'adresse' => $address]]]));
        stored($write->UpdateAnvisningsEnhed(['anvisningsenhed' => [['enhedsNummer' => $number] + $unit]]));
        $bad = $write->UpdateAnvisningsEnhed(['anvisningsenhed' => [['enhedsNummer' => $number, 'instType3' => 9999] + $unit]]);
        check($bad->importSvar->status === 'AFVIST' && $bad->importSvar->fejl[0]->kode === 'DTR5001', 'refused', $bad);
        stored($write->MoveAnvisningsEnhed(['anvisningsenhed' => [
            ['enhedsNummer' => $number, 'nytDaginstitutionsNummer' => $second]]]));
        $tree = $read->GetDagtilbudByDagInstitutionsNummer(['daginstitutionsNummer' => $second]);
        $found = $tree->dagtilbudsRegister->daginstitution[0]->anvisningsenhed[0];
        check($found->adresse->husNummer === '12A' && $found->alternativadresse[0]->alternativAdresseNummer === $extra,
            'tree', $tree);
        stored($write->DeleteAlternativAdresse(['alternativadresse' => [['alternativAdresseNummer' => $extra]]]));
        stored($write->DeleteAnvisningsEnhed(['anvisningsenhed' => [['enhedsNummer' => $number]]]));
        foreach ([$first, $second] as $closed) {
            stored($write->DeleteDaginstitution(['daginstitution' => [['daginstitutionsNummer' => $closed]]]));
        }
        echo "PHP SoapClient: $version $form: life cycle of $number\n";

        // Retries: the same MessageID, then the same Idempotency-Key, get the stored answer.
        foreach (['MessageID', 'Idempotency-Key'] as $way) {
            $id = 'php-' . bin2hex(random_bytes(16));
            $again = client('ImportService', $version, 'kommune', $soap, $way === 'MessageID' ? [] : ["Idempotency-Key: $id"]);
            if ($way === 'MessageID') {
                $again->__setSoapHeaders([new SoapHeader(WSA, 'MessageID', $id)]);
            }
            stored($again->InsertDaginstitution(['daginstitution' => [$top]]));
            $once = $again->__getLastResponse();
            stored($again->InsertDaginstitution(['daginstitution' => [$top]]));
            check($once === $again->__getLastResponse(), "retry by $way", [$once, $again->__getLastResponse()]);
        }

        // Faults of every status: those of 500 had one of their own once.
        $close = fn ($client) => $client->DeleteDaginstitution(['daginstitution' => [['daginstitutionsNummer' => 'G30000']]]);
        $hello = fn ($client) => $client->HelloWorld();
        $at = fn (string $url) => client('ImportService', $version, 'kommune', $soap, [], $url);
        fault(client('ImportService', $version, 'aftager', $soap), $close, 'DTR1016', 500);
        fault($write, fn ($client) => $client->GetXMLSchema(['skemanavn' => 'Ukendt']), 'DTR3015', 500);
        fault($write, fn ($client) => $client->GetXMLSchema(['skemanavn' => str_repeat('x', 11 << 20)]), 'DTR1003', 500);
        fault($at("{$demo['service_url']}/$version/Ukendt"), $hello, 'DTR1001', 404);
        fault($at("$busy/$version/ImportService"), $hello, 'DTR1018', 429);
        fault($at("$clock/$version/ImportService"), $close, 'DTR1041', 503);
        echo "PHP SoapClient: $version $form: retries and typed faults\n";
    }
}

// Dates as PHP writes them: with the offset of its zone.
$read = client('EksportService', 'v2', 'aftager', SOAP_1_1);
date_default_timezone_set('Europe/Copenhagen');
$then = $read->GetDagtilbudPrDato(['tidspunkt' => date(DATE_ATOM)]);
check($then->dagtilbudsRegister->sekvens > 0, 'a time with an offset', $then);
$write = client('ImportService', 'v2', 'kommune', SOAP_1_1);
stored($write->InsertDaginstitution(['daginstitution' => [$top + ['gyldigFra' => date('Y-m-d')]]]));
$zoned = $write->InsertDaginstitution(['daginstitution' => [$top + ['gyldigFra' => date('Y-m-dP')]]])->importSvar;
check($zoned->status === 'AFVIST' && count($zoned->fejl) === 1 && str_contains($zoned->fejl[0]->afhjaelpning, 'PHP'),
    'a date with a zone is refused, and PHP is told how', $zoned);
echo "PHP SoapClient: dates\n";
